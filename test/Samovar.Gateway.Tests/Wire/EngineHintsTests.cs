using Samovar.Gateway.Destinations;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire;

/// <summary>Whose a turn is and how urgent, as each engine hears it.</summary>
public sealed class EngineHintsTests
{
    private static readonly SessionHints Agent = new("session", "agent") { IsSubAgent = true, IsFinal = true };

    [Theory]
    [InlineData("dynamo", "x-dynamo-session-id", "x-dynamo-parent-session-id", "x-dynamo-session-final")]
    [InlineData("samovar", "x-samovar-session", "x-parent-session-id", "x-samovar-final")]
    [InlineData("vllm", "x-session-id", null, null)]
    [InlineData("sglang", "x-smg-routing-key", null, null)]
    [InlineData("openai", null, null, null)]
    public async Task Engine_LearnsWhoseTurnItIs_AndProvidersDoNot(string dialect, string? session, string? parent, string? final)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, dialect));
        await gateway.TurnAsync(null, TestGateway.User("one"), hints: new SessionHints("session", null));
        await gateway.TurnAsync(null, TestGateway.User("two"), hints: Agent);
        var (main, sub) = (upstream.Requests.First().Headers, upstream.Requests.Last().Headers);
        if (session is not null)
        {
            Assert.Equal(32, main[session].Length);
            Assert.NotEqual(main[session], sub[session]);
            if (parent is not null) Assert.Equal(main[session], sub[parent]);
            if (final is not null) Assert.Equal("true", sub[final]);
            if (final is not null) Assert.False(main.ContainsKey(final));
        }
        else Assert.DoesNotContain(sub.Keys, name => name.Contains("session", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(sub.Values, value => value is "session" or "agent");
    }

    [Theory]
    [InlineData("vllm", "priority", "\"priority\":-1")]
    [InlineData("vllm", "flex", "\"priority\":1")]
    [InlineData("sglang", "priority", "\"priority\":1")]
    [InlineData("dynamo", "flex", "\"nvext\":{\"agent_hints\":{\"priority\":-1}}")]
    [InlineData("vllm", "default", null)]
    public async Task Priority_IsInTheEnginesWords_WhereTheOperatorSaysThatItTakesOne(string dialect, string tier, string? sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = Options(upstream, dialect);
        foreach (var passes in new[] { false, true })
        {
            options.Pools[0].Destinations[0].PassesPriority = passes;
            using var gateway = new TestGateway(options);
            await gateway.TurnAsync(null, TestGateway.User("one"), $",\"service_tier\":\"{tier}\"");
            if (passes && sent is not null) Assert.Contains(sent, upstream.Requests.Last().Text, StringComparison.Ordinal);
            else Assert.DoesNotContain("\"priority\":", upstream.Requests.Last().Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Priority_GoesWithEnginesAlone()
    {
        var options = TestGateway.Options("responses-http");
        options.Pools[0].Destinations.Add(new DestinationOptions
        {
            Name = "a", Kind = "responses-http", BaseUrl = "http://h/v1", Models = { "m" }, PassesPriority = true,
        });
        Assert.Contains("Upstream:Pools:0:Destinations:0:PassesPriority goes with the dialects vllm, sglang and dynamo.",
            PoolsCheck.Errors(options));
    }

    private static UpstreamOptions Options(FakeUpstream upstream, string dialect)
    {
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        return options;
    }
}
