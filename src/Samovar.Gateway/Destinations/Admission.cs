namespace Samovar.Gateway.Destinations;

/// <summary>Why a destination takes no turn, and when to ask again.</summary>
/// <param name="IsOfFlow">Whether it holds for that flow alone: there is room, kept open for others, or the account is its own.</param>
/// <param name="Answer">Ends when it is known whether the other nodes have left something; null where nobody is asked.</param>
internal sealed record Refusal(RefusalReason Reason, TimeSpan RetryAfter, bool IsOfFlow = false, Task? Answer = null);

internal enum RefusalReason { InFlight, Share, RequestsPerMinute, TokensPerMinute, Cooldown, CircuitOpen, Unhealthy }

/// <summary>The answer to a turn that wants to begin at a destination.</summary>
internal abstract record Admission
{
    private Admission() { }
    public sealed record Granted(DestinationPlace Place) : Admission;
    public sealed record Refused(Refusal Refusal) : Admission;
}
