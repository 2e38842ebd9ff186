using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class ThinkingRulesTests
{
    [Theory]
    [InlineData("claude-3-5-sonnet-20241022", false)]
    [InlineData("claude-opus-4-20250514", false)]
    [InlineData("claude-opus-4-1-20250805", false)]
    [InlineData("claude-sonnet-4-5-20250929", false)]
    [InlineData("claude-haiku-4-5", false)]
    [InlineData("claude-opus-4-6", true)]
    [InlineData("us.anthropic.claude-opus-4-6-v1", true)]
    [InlineData("anthropic/claude-opus-4.7", true)]
    [InlineData("claude-4.7-opus", true)]
    [InlineData("claude-opus-4-7@default", true)]
    [InlineData("claude-sonnet-5", true)]
    [InlineData("claude-sonnet-5-20260630", true)]
    [InlineData("claude-haiku-5-5", true)]
    [InlineData("claude-fable-5", true)]
    [InlineData("claude-mythos-preview", true)]
    [InlineData("claude-opus-10-1", true)]
    [InlineData("claude-opus", false)]
    [InlineData("notclaude-opus-5", false)]
    [InlineData("qwen3", false)]
    public void Name_SaysWhatThinkingItsModelKnows(string model, bool isAdaptive) =>
        Assert.Equal(isAdaptive, ThinkingRules.Of(model, "budget").IsAdaptive);

    [Fact]
    public void Setting_SaysItOfNamesThatSayNothing()
    {
        Assert.True(ThinkingRules.Of("house-model", "adaptive").IsAdaptive);
        Assert.False(ThinkingRules.Of("claude-haiku-4-5", "adaptive").IsAdaptive);
    }

    [Theory]
    [InlineData("claude-opus-4-6", "disabled", true, false)]
    [InlineData("claude-opus-4-8", "disabled", false, true)]
    [InlineData("claude-opus-5", "disabled", false, true)]
    [InlineData("claude-opus-5-5", null, false, true)]
    [InlineData("claude-sonnet-5-5", "between_tools", false, true)]
    [InlineData("claude-haiku-5-5", "disabled", false, true)]
    [InlineData("claude-fable-5-1", null, false, true)]
    [InlineData("claude-mythos-preview", null, false, false)]
    public void AdaptiveModels_DifferInWhatTheyTake(string model, string? off, bool takesSampling, bool hasXhigh)
    {
        var rules = ThinkingRules.Of(model, "budget");
        Assert.Equal((off, takesSampling, hasXhigh), (rules.Off, rules.TakesSampling, rules.HasXhigh));
    }
}
