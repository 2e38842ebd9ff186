using Samovar.Backends;

namespace Samovar.Gateway.Destinations;

/// <summary>The limits of an account as its upstream stated them, and when.</summary>
internal sealed record StatedAt(RateLimits Limits, DateTimeOffset At)
{
    /// <summary>What they have become where nothing was used since.</summary>
    public RateLimits Now(DateTimeOffset now) => new(Limits.Requests?.After(now - At), Limits.Tokens?.After(now - At));
}
