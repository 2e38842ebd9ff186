namespace Samovar.Backends;

/// <summary>What a client may ask for within a minute; null where that is not limited.</summary>
public sealed record RateLimits(RateLimit? Requests, RateLimit? Tokens);

/// <param name="Limit">In a minute.</param>
/// <param name="Remaining">What the client has not used of it.</param>
/// <param name="Reset">How long until it has all of it again.</param>
public sealed record RateLimit(long Limit, long Remaining, TimeSpan Reset)
{
    /// <summary>The same after a while in which nothing was used.</summary>
    public RateLimit After(TimeSpan time) =>
        time < Reset ? this with { Reset = Reset - time } : this with { Remaining = Limit, Reset = TimeSpan.Zero };
}
