using System.Text;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Choice;

public sealed class PromptCacheKeysTests
{
    private static readonly CacheRules Old = CacheRules.Of(Dialect.OpenAi, "gpt-5.5"), New = CacheRules.Of(Dialect.OpenAi, "gpt-5.6-sol");
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new() { PrefixBucketRequests = 3 };

    [Fact]
    public void SessionsWithTheSameStart_ShareAKey_WhateverTheirIdsAndQuestions()
    {
        var keys = new PromptCacheKeys(_options, _time);
        Assert.Equal(Prefix(keys, Turn("msg_1", "Be brief.", "one")), Prefix(keys, Turn("msg_2", "Be brief.", "two")));
        Assert.NotEqual(Prefix(keys, Turn("msg_1", "Be brief.", "one")), Prefix(keys, Turn("msg_1", "Be long.", "one")));
        Assert.NotEqual(Prefix(keys, Turn("msg_1", "Be.", "one")),
            Prefix(keys, Turn("msg_1", "Be.", "one") with { Tenant = new TenantId("other") }));
    }

    [Fact]
    public void BusyKey_OpensAnotherBucket_AndConversationsKeepTheirs()
    {
        var keys = new PromptCacheKeys(_options, _time);
        var own = Enumerable.Range(0, 5).Select(_ => Prefix(keys, Turn("m", "s", "q"))).ToList();
        Assert.Equal(2, own.Distinct(StringComparer.Ordinal).Count());
        var state = new UpstreamState { Destination = "a", Conversation = "c", PromptCacheKey = own[0] };
        Assert.Equal(own[0], keys.For(PromptCacheKeyPolicy.Prefix, Turn("m", "s", "q"), "m", "c", state, Old));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(own[0], Prefix(keys, Turn("m", "s", "q")));
        Assert.All(own, key => Assert.InRange(key.Length, 1, 64));
    }

    [Fact]
    public void OtherPolicies_TakeTheClientsKey_OrTheConversation()
    {
        var keys = new PromptCacheKeys(_options, _time);
        var turn = Turn("m", "s", "q") with { Request = new CreateRequest { PromptCacheKey = "mine" } };
        Assert.Equal("mine", keys.For(PromptCacheKeyPolicy.Client, turn, "m", "c", null, Old));
        Assert.Equal("c", keys.For(PromptCacheKeyPolicy.Conversation, turn, "m", "c", null, Old));
    }

    [Fact]
    public void ModelThatCachesAtBreakpoints_HasOneKeyForAPrefix_HoweverBusy_AndTheClientsFirst()
    {
        var keys = new PromptCacheKeys(_options, _time);
        string? For(BackendTurn turn, UpstreamState? parent = null) => keys.For(PromptCacheKeyPolicy.Prefix, turn, "m", "c", parent, New);
        Assert.Single(Enumerable.Range(0, 50).Select(_ => For(Turn("m", "s", "q"))).Distinct(StringComparer.Ordinal));
        Assert.NotEqual(For(Turn("m", "s", "q")), For(Turn("m", "other", "q")));
        var own = Turn("m", "s", "q") with { Request = new CreateRequest { PromptCacheKey = "mine" } };
        Assert.Equal("mine", For(own));
        var state = new UpstreamState { Destination = "a", Conversation = "c", PromptCacheKey = "kept" };
        Assert.Equal("kept", For(Turn("m", "s", "q"), state));
    }

    [Theory]
    [InlineData("gpt-5.6", true)]
    [InlineData("gpt-5.6-sol", true)]
    [InlineData("openai/gpt-6.2-astra", true)]
    [InlineData("gpt-6-sol", true)]
    [InlineData("gpt-10", true)]
    [InlineData("gpt-5.5", false)]
    [InlineData("gpt-5", false)]
    [InlineData("gpt-4.1", false)]
    [InlineData("gpt-5.60x", false)]
    [InlineData("my-gpt-6", false)]
    [InlineData("qwen3", false)]
    public void Models_FromTheirGenerationOn_CacheAtBreakpoints(string model, bool hasBreakpoints)
    {
        Assert.Equal(hasBreakpoints, CacheRules.Of(Dialect.OpenAi, model).HasBreakpoints);
        Assert.False(CacheRules.Of(Dialect.All["vllm"], model).HasBreakpoints);
        Assert.Equal(hasBreakpoints ? 100 + 200 * 1.25 + 700 * 0.1 : null, CacheRules.Of(Dialect.OpenAi, model).CostOf(1000, 700, 200));
    }

    private static string Prefix(PromptCacheKeys keys, BackendTurn turn) =>
        keys.For(PromptCacheKeyPolicy.Prefix, turn, "m", "c", null, Old)!;

    private static BackendTurn Turn(string id, string system, string question)
    {
        var json = $$"""{"model":"m","input":[{"id":"{{id}}","type":"message","role":"developer","content":"{{system}}"}""" +
            $$""",{"role":"user","content":"{{question}}"}]}""";
        var request = CreateRequestReader.Read(Encoding.UTF8.GetBytes(json), CreateRequestOrigin.Http, ProtocolLimits.Default);
        return new BackendTurn
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Context = new TurnContext(null, request.Input), Request = request,
                Instructions = null, Tools = ToolList.Empty,
        };
    }
}
