namespace Samovar.Gateway.Destinations;

/// <summary>How a destination is at one moment, for those who watch it.</summary>
/// <param name="InFlight">Turns that run there.</param>
/// <param name="Requests">Turns that began within the last minute.</param>
/// <param name="Tokens">Tokens of turns that ended within the last minute.</param>
/// <param name="Refusal">Why no turn may begin there now; null when one may.</param>
internal sealed record DestinationFigures(int InFlight, long Requests, long Tokens, Refusal? Refusal);

/// <summary>Reasons of a refusal as records, metrics and people read them.</summary>
internal static class RefusalNames
{
    public static string Of(RefusalReason reason) => reason switch
    {
        RefusalReason.InFlight => "in_flight_limit",
        RefusalReason.RequestsPerMinute => "requests_per_minute",
        RefusalReason.TokensPerMinute => "tokens_per_minute",
        RefusalReason.Cooldown => "cooldown",
        RefusalReason.CircuitOpen => "circuit_open",
        _ => "unhealthy",
    };
}
