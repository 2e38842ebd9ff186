namespace Samovar.Gateway.Destinations;

/// <summary>Why a destination takes no turn, and when to ask again.</summary>
internal sealed record Refusal(RefusalReason Reason, TimeSpan RetryAfter);

internal enum RefusalReason { InFlight, RequestsPerMinute, TokensPerMinute, Cooldown, CircuitOpen, Unhealthy }

/// <summary>The answer to a turn that wants to begin at a destination.</summary>
internal abstract record Admission
{
    private Admission() { }
    public sealed record Granted(IDisposable Place) : Admission;
    public sealed record Refused(Refusal Refusal) : Admission;
}
