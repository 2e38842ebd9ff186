using Samovar.Backends;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>What upstreams state of their accounts' limits, in the forms in which they do.</summary>
public sealed class StatedLimitsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("x-ratelimit-limit-tokens: 100|x-ratelimit-remaining-tokens: 42|x-ratelimit-reset-tokens: 6m0s", 100, 42, 360)]
    [InlineData("x-ratelimit-limit-tokens: 100|x-ratelimit-remaining-tokens: 42|x-ratelimit-reset-tokens: 1.5", 100, 42, 1.5)]
    [InlineData("x-ratelimit-limit-tokens: 100|x-ratelimit-remaining-tokens: 420", 100, 100, 0)]
    [InlineData("anthropic-ratelimit-tokens-limit: 9|anthropic-ratelimit-tokens-remaining: 0|" +
        "anthropic-ratelimit-tokens-reset: 2026-01-01T00:00:30Z", 9, 0, 30)]
    public void Limits_AreRead_InEachForm(string headers, long limit, long remaining, double reset) =>
        Assert.Equal(new RateLimits(null, new RateLimit(limit, remaining, TimeSpan.FromSeconds(reset))), Read(headers));

    [Theory]
    [InlineData("")]
    [InlineData("x-ratelimit-limit-tokens: -1|x-ratelimit-remaining-tokens: -1")]
    [InlineData("x-ratelimit-limit-tokens: 0|x-ratelimit-remaining-tokens: 0")]
    [InlineData("x-ratelimit-limit-tokens: 100")]
    [InlineData("x-ratelimit-remaining-tokens: 100")]
    [InlineData("x-ratelimit-limit-tokens: many|x-ratelimit-remaining-tokens: few")]
    [InlineData("x-ratelimit-limit-tokens: 99999999999999999999|x-ratelimit-remaining-tokens: 1")]
    public void WhatIsNoLimit_IsPassedOver(string headers) => Assert.Null(Read(headers));

    [Fact]
    public void Limit_IsWholeAgain_AfterItsReset()
    {
        var stated = new RateLimit(10, 3, TimeSpan.FromSeconds(20));
        Assert.Equal(stated with { Reset = TimeSpan.FromSeconds(1) }, stated.After(TimeSpan.FromSeconds(19)));
        Assert.Equal(new RateLimit(10, 10, TimeSpan.Zero), stated.After(TimeSpan.FromSeconds(20)));
    }

    private static RateLimits? Read(string headers)
    {
        var all = headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": "))
            .ToDictionary(line => line[0], line => line[1], StringComparer.Ordinal);
        return StatedLimits.Of(name => all.GetValueOrDefault(name), Now);
    }
}
