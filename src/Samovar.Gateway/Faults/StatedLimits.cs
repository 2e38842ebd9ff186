using System.Globalization;
using Samovar.Backends;

namespace Samovar.Gateway.Faults;

/// <summary>The limits of its account that an upstream states with an answer, in OpenAI's headers or in Anthropic's.</summary>
internal static class StatedLimits
{
    /// <param name="header">Gives a header's value by its lower-case name; null if absent.</param>
    /// <returns>Null where nothing is stated.</returns>
    public static RateLimits? Of(Func<string, string?> header, DateTimeOffset now)
    {
        var limits = new RateLimits(Of("requests"), Of("tokens"));
        return limits is (null, null) ? null : limits;

        RateLimit? Of(string of) =>
            Number(header($"x-ratelimit-limit-{of}") ?? header($"anthropic-ratelimit-{of}-limit")) is > 0 and var limit
            && Number(header($"x-ratelimit-remaining-{of}") ?? header($"anthropic-ratelimit-{of}-remaining")) is { } remaining
                ? new RateLimit(limit, Math.Min(limit, remaining),
                    RetryAfter.WaitOf(header($"x-ratelimit-reset-{of}") ?? header($"anthropic-ratelimit-{of}-reset"), now) ?? TimeSpan.Zero)
                : null;
    }

    /// <summary>Some say -1 or 0 where nothing is limited.</summary>
    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
