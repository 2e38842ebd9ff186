using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Sampling;
using Samovar.Engine;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What the embedded engine does with a request's fields: done, named, or refused.</summary>
public sealed class EmbeddedFieldTests
{
    [Fact]
    public async Task LogitBias_ReachesTheSampler()
    {
        var talk = new Talk(Families.ChatMl);
        await talk.AskAsync(null, new { input = "x", logit_bias = new Dictionary<string, double> { ["7"] = -100, ["9"] = 2.5 } });
        Assert.Equal(new Dictionary<int, float> { [7] = -100, [9] = 2.5f }, talk.Engine.Turns[0].Sampling.LogitBias);
        await talk.AskAsync(null, new { input = "x" });
        Assert.Null(talk.Engine.Turns[1].Sampling.LogitBias);
    }

    [Fact]
    public async Task LogitBias_OfATokenThatTheModelDoesNotHave_IsRefused()
    {
        var talk = new Talk(Families.ChatMl);
        var bias = new Dictionary<string, int> { [$"{talk.Tokenizer.VocabularySize}"] = 1 };
        var error = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(null, new { input = "x", logit_bias = bias }));
        Assert.Equal(("invalid_value", "logit_bias"), (error.Kind.Code, error.Param));
        Assert.Empty(talk.Engine.Turns);
    }

    [Fact]
    public async Task Sampling_IsTheRequests_ElseTheOperators_ElseTheModels_ElseTheApis()
    {
        var suggested = new SuggestedSampling { Temperature = 0, TopP = 0.8f, TopK = 20, MinP = 0.05f, RepeatPenalty = 1.1f };
        Assert.Equal((0, 0.8f, 20, 0.05f, 1.1f), await SampledAsync(new(), suggested, new { input = "x" }));
        Assert.Equal((0.5f, 0.9f, 3, 0.2f, 1.1f), await SampledAsync(new(), suggested,
            new { input = "x", temperature = 0.5, top_p = 0.9, top_k = 3, min_p = 0.2 }));
        var set = new EmbeddedOptions { Temperature = 0.3f, TopP = 1, TopK = 0, MinP = 0, RepeatPenalty = 1 };
        Assert.Equal((0.3f, 1, 0, 0, 1), await SampledAsync(set, suggested, new { input = "x" }));
        Assert.Equal((2, 1, 0, 0, 1), await SampledAsync(set, suggested, new { input = "x", temperature = 2 }));
        Assert.Equal((1, 1, 0, 0, 1), await SampledAsync(new(), SuggestedSampling.None, new { input = "x" }));
    }

    [Theory]
    [InlineData(null, SamplingSettings.PenaltyTokens)]
    [InlineData(-1, SamplingSettings.PenaltyTokens)] // as many as there are
    [InlineData(1 << 20, SamplingSettings.PenaltyTokens)]
    [InlineData(64, 64)]
    [InlineData(0, 0)]
    public void RepeatPenalty_IsForAsManyTokensAsTheModelsFileSays(int? said, int tokens) =>
        Assert.Equal(tokens, SamplingDefaults.Of(SuggestedSampling.None, new SuggestedSampling { RepeatTokens = said }).RepeatTokens);

    private static async Task<(float, float, int, float, float)> SampledAsync(
        EmbeddedOptions options, SuggestedSampling suggested, object body)
    {
        var talk = new Talk(Families.ChatMl, options);
        talk.Engine.Model = talk.Engine.Model with { Sampling = suggested };
        await talk.AskAsync(null, body);
        var used = talk.Engine.Turns[0].Sampling;
        return (used.Temperature, used.TopP, used.TopK, used.MinP, used.RepeatPenalty);
    }

    [Theory]
    [InlineData("""{"prediction":{"type":"content","content":"x"},""", "prediction")]
    [InlineData("""{"web_search_options":{},""", "web_search_options")]
    public async Task WhatOnlyUpstreamsDo_IsRefused(string start, string param)
    {
        var talk = new Talk(Families.ChatMl);
        var json = Samovar.Tests.Protocol.Samples.Utf8(start + """ "messages":[{"role":"user","content":"x"}]}""");
        var request = ChatRequestReader.Read(json, ProtocolLimits.Default).Request;
        var error = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(null, request));
        Assert.Equal(("unsupported_parameter", param), (error.Kind.Code, error.Param));
    }

    [Fact]
    public async Task WhatIsNotDone_IsNamedInTheRecord_AndWhatAsksForNothingIsNot()
    {
        var talk = new Talk(Families.ChatMl);
        var asking = Talk.Request(new
        {
            input = "x", service_tier = "flex", prompt_cache_retention = "24h", reasoning = new { context = "current_turn", mode = "pro" },
            prompt_cache_options = new { mode = "explicit", ttl = "30m" }, tools = new object[]
            {
                new { type = "web_search" }, new { type = "function", name = "f", defer_loading = true },
            },
            background = false, moderation = (object?)null,
        });
        Assert.Equal(
            ["service_tier", "prompt_cache_retention", "reasoning.context", "reasoning.mode", "prompt_cache_options.mode",
                "prompt_cache_options.ttl", "tools.web_search", "tools.defer_loading"],
            (await RunAsync(talk, asking)).Dropped);
        var idle = Talk.Request(new
        {
            input = "x", service_tier = "auto", prompt_cache_retention = "in_memory",
            reasoning = new { context = "auto", mode = "standard" },
            prompt_cache_options = new { mode = "implicit" }, text = new { verbosity = "medium" },
        });
        Assert.Empty((await RunAsync(talk, idle)).Dropped);
    }

    private static async Task<Samovar.Backends.BackendReport> RunAsync(Talk talk, Samovar.Protocol.Requests.CreateRequest request)
    {
        var turn = talk.Turn(null, request);
        await foreach (var seen in talk.Backend.RunAsync(turn, TestContext.Current.CancellationToken)) Assert.NotNull(seen);
        return turn.Report;
    }
}
