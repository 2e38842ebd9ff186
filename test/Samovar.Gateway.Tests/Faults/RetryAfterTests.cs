using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>Every way in which a provider says how long to wait.</summary>
public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("retry-after: 7", 7d)]
    [InlineData("retry-after: 1.5", 1.5d)]
    [InlineData("retry-after: Thu, 01 Jan 2026 12:00:42 GMT", 42d)]
    [InlineData("retry-after: Thu, 01 Jan 2026 11:00:00 GMT", 0d)]
    [InlineData("retry-after: 7; retry-after-ms: 250", 0.25d)]
    [InlineData("retry-after: 7; x-ratelimit-reset-requests: 1m", 7d)]
    [InlineData("x-ratelimit-reset-requests: 6m0s", 360d)]
    [InlineData("x-ratelimit-reset-tokens: 1h2m3.5s", 3723.5d)]
    [InlineData("x-ratelimit-reset-tokens: 20ms", 0.02d)]
    [InlineData("x-ratelimit-reset-tokens: 12", 12d)]
    [InlineData("x-ratelimit-reset-requests: 5s; x-ratelimit-remaining-requests: 3; x-ratelimit-reset-tokens: 2s; " +
        "x-ratelimit-remaining-tokens: 0", 2d)]
    [InlineData("x-ratelimit-reset-requests: 5s; x-ratelimit-reset-tokens: 9s", 9d)]
    [InlineData("anthropic-ratelimit-tokens-reset: 2026-01-01T12:00:30Z; anthropic-ratelimit-tokens-remaining: 0", 30d)]
    [InlineData("retry-after: 3, 3", 3d)]
    [InlineData("retry-after: 20s", 20d)]
    [InlineData("retry-after: 7 seconds", 7d)]
    [InlineData("retry-after: soon", null)]
    [InlineData("retry-after: -3", null)]
    [InlineData("retry-after: 9999999999", null)]
    [InlineData("x-ratelimit-reset-requests: 5 apples", null)]
    [InlineData("x-ratelimit-reset-requests: s", null)]
    [InlineData("", null)]
    public void Wait_IsUnderstood_HoweverItIsSaid(string headers, double? seconds)
    {
        var values = headers.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(header => header.Split(": ", 2))
            .ToDictionary(header => header[0], header => header[1], StringComparer.Ordinal);
        Assert.Equal(seconds, RetryAfter.Of(values.GetValueOrDefault, Now)?.TotalSeconds);
    }
}
