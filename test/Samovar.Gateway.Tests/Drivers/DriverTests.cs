using Samovar.Backends;
using Samovar.Protocol.Items;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>One conversation through every driver.</summary>
public sealed class DriverTests
{
    public static TheoryData<string> Kinds => ["responses-ws", "responses-http", "responses-stored", "chat", "messages"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Conversation_KeepsItsWholeContext_ThroughToolCallsAndTurns(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);

        var asked = await gateway.TurnAsync(null, TestGateway.User(FakeMind.AskForTool), TestGateway.Tools);
        var call = Assert.IsType<FunctionCallItem>(Assert.Single(asked.Node.Output));
        Assert.Equal(("read", FakeMind.ToolArguments), (call.Name, call.Arguments));

        var answered = await gateway.TurnAsync(asked.Node, TestGateway.ToolOutput(asked.Node, "hello"), TestGateway.Tools);
        Assert.Equal("seen 3", answered.Text);

        var ended = await gateway.TurnAsync(answered.Node, TestGateway.User("thanks"), TestGateway.Tools);
        Assert.Equal("seen 5", ended.Text);
        Assert.IsType<BackendEvent.Accepted>(ended.Events[0]);
        Assert.True(ended.Usage.CachedTokens > 0, "the upstream's own count of cached tokens comes through");
        Assert.True(ended.Usage.InputTokens > ended.Usage.CachedTokens);
        Assert.Equal(3, upstream.Requests.Count);
        Assert.Equal(0, ended.Report.Retries);
    }

    [Theory]
    [InlineData("responses-ws", true)]
    [InlineData("responses-stored", true)]
    [InlineData("responses-http", false)]
    [InlineData("chat", false)]
    public async Task Continuation_SendsOnlyWhatIsNew_WhereTheUpstreamKeepsTheRest(string kind, bool isDelta)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var long1 = new string('x', 20_000);

        var first = await gateway.TurnAsync(null, TestGateway.User(long1));
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("and now?"));

        Assert.Equal("seen 3", second.Text);
        Assert.Equal(isDelta, second.Report.BytesToUpstream < 1000);
        Assert.Equal(isDelta, second.Report.MissCause is null);
        if (isDelta) Assert.Equal($"resp_a_1", upstream.Requests.Last().PreviousResponseId);
    }

    [Theory]
    [InlineData("vllm", """ "continue_final_message":true,"add_generation_prompt":false """)]
    [InlineData("sglang", """ "continue_final_message":true """)]
    [InlineData("deepseek", """ {"role":"assistant","content":"Hello","reasoning_content":"","prefix":true}] """)]
    [InlineData("mistral", """ {"role":"assistant","content":"Hello","prefix":true}] """)]
    [InlineData("llama-server", """ {"role":"assistant","content":"Hello"}] """)]
    [InlineData("ollama", """ {"role":"assistant","content":"Hello"}] """)]
    [InlineData("openai", null)]
    [InlineData("xai", null)]
    [InlineData("lm-studio", null)]
    public async Task BegunAnswer_IsAskedForAsTheUpstreamWantsIt_OrRefusedByName(string dialect, string? sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var reply = await gateway.BegunAsync(Begun);
        if (sent is null)
        {
            Assert.Equal((400, "input[1]"), (reply.Error!.Kind.Status, reply.Error.Param));
            Assert.Empty(upstream.Requests);
            return;
        }
        Assert.Contains(sent.Trim(), Assert.Single(upstream.Requests).Text, StringComparison.Ordinal);
        var plain = await gateway.TurnAsync(null, Begun); // not asked for: another answer, as ever
        Assert.Null(plain.Error);
        Assert.DoesNotContain("continue_final", upstream.Requests.Last().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("prefix", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("responses-ws", false), InlineData("responses-http", false), InlineData("messages", true)]
    public async Task BegunAnswer_IsTakenByTheProtocolThatHasIt_AndRefusedByTheOther(string kind, bool isTaken)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var reply = await gateway.BegunAsync(Begun);
        Assert.Equal(isTaken ? null : "input[1]", reply.Error?.Param);
        if (isTaken) Assert.EndsWith("Hello", Assert.Single(upstream.Requests).Json.GetProperty("messages")[1].GetProperty("content")[0]
            .GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("responses-ws", false), InlineData("responses-http", false), InlineData("chat", false), InlineData("messages", true)]
    public async Task NoWords_AreNotAskedOfAnUpstreamThatCannotMakeNone(string kind, bool isSent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var reply = await gateway.BegunAsync(
            TestGateway.User("x"), request => request with { ContinuesAnswer = false, MaxOutputTokens = 0 });
        Assert.Null(reply.Error);
        Assert.Equal(isSent ? 1 : 0, upstream.Requests.Count);
        if (isSent) Assert.Equal(0, upstream.Requests.Single().Json.GetProperty("max_tokens").GetInt32());
        else Assert.Equal("max_output_tokens", reply.Events.OfType<BackendEvent.Finished>().Single().IncompleteReason);
    }

    private const string Begun = """[{"role":"user","content":"hi"},{"type":"message","role":"assistant","content":"Hello"}]""";

    [Fact]
    public async Task FiftyTurns_OverWebSocket_CostTheUplinkWithinFivePercentOfTheDownlink()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-ws", upstream);
        var (node, bytesIn, bytesUp) = ((Samovar.Chains.ChainNode?)null, 0L, 0L);
        for (var turn = 0; turn < 50; turn++)
        {
            var previous = node is null ? "" : $$""","previous_response_id":"{{node.Id}}" """;
            var result = await gateway.TurnAsync(node, TestGateway.User($"turn {turn} " + new string('y', 2000)),
                $$"""{{previous}},"store":false""");
            (node, bytesIn, bytesUp) = (result.Node, bytesIn + result.Turn.Request.Bytes, bytesUp + result.Report.BytesToUpstream);
        }
        Assert.Equal(1, upstream.Responses.Connections);
        Assert.InRange(bytesUp, bytesIn * 0.95, bytesIn * 1.05);
    }

    [Fact]
    public async Task FiftyTurns_BehindAnotherSamovar_SendInstructionsAndToolsOnce()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.IsSamovar = true;
        using var gateway = new TestGateway("responses-ws", upstream);
        var (reply, tool) = (new string('i', 14_000), new string('t', 19_000));
        var head = $$""","store":false,"prompt_cache_key":"k","instructions":"{{reply}}","""
            + $$""" "tools":[{"type":"function","name":"f","description":"{{tool}}"}]""";
        var (node, bytesNew, bytesUp) = ((Samovar.Chains.ChainNode?)null, 0L, 0L);
        for (var turn = 0; turn < 50; turn++)
        {
            var input = TestGateway.User($"turn {turn} " + new string('y', 1500));
            var result = await gateway.TurnAsync(node, input, head);
            (node, bytesNew, bytesUp) = (result.Node, bytesNew + input.Length, bytesUp + result.Report.BytesToUpstream);
        }
        Assert.Equal(50, upstream.Requests.Count);
        Assert.All(upstream.Requests.Skip(1), request => Assert.False(request.Json.TryGetProperty("type", out _)));
        Assert.InRange(bytesUp, bytesNew, (bytesNew + head.Length) * 1.1);
    }

    [Theory]
    [InlineData(""","tools":[{"type":"function","name":"g"}],"instructions":"i" """, "other tools")]
    [InlineData(""","tools":[{"type":"function","name":"f"}],"instructions":"j" """, "other instructions")]
    [InlineData(""","tools":[{"type":"function","name":"f"}]""", "no instructions any more")]
    [InlineData(""","instructions":"i" """, "no tools any more")]
    [InlineData(""","tools":[{"type":"function","name":"f"}],"instructions":"i","max_output_tokens":50""", "no temperature any more")]
    public async Task ChangedSettings_GoToAnotherSamovarInAWholeFrame(string fields, string what)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.IsSamovar = true;
        using var gateway = new TestGateway("responses-ws", upstream);
        const string before = ""","tools":[{"type":"function","name":"f"}],"instructions":"i","max_output_tokens":50,"temperature":0.5""";
        var first = await gateway.TurnAsync(null, TestGateway.User("one"), before);
        var same = await gateway.TurnAsync(first.Node, TestGateway.User("two"), before);
        await gateway.TurnAsync(same.Node, TestGateway.User("three"), fields.Contains("max_output", StringComparison.Ordinal) ? fields
            : fields + ",\"max_output_tokens\":50,\"temperature\":0.5");
        var requests = upstream.Requests.Select(request => request.Json).ToList();
        Assert.False(requests[1].TryGetProperty("tools", out _));
        Assert.True(requests[2].TryGetProperty("type", out _), what);
        Assert.Equal(fields.Contains("tools", StringComparison.Ordinal), requests[2].TryGetProperty("tools", out _));
        Assert.Equal(fields.Contains("instructions", StringComparison.Ordinal), requests[2].TryGetProperty("instructions", out _));
    }

    [Fact]
    public async Task AnotherSamovar_ThatLostTheChain_GetsAllOfItAgain()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.IsSamovar = true;
        using var gateway = new TestGateway("responses-ws", upstream);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"), TestGateway.Tools);
        upstream.Next(FakeFault.ParentForgotten);
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"), TestGateway.Tools);
        Assert.Equal("previous_response_not_found", second.Report.MissCause);
        var last = upstream.Requests.Last().Json;
        Assert.Equal("response.create", last.GetProperty("type").GetString());
        Assert.Equal(1, last.GetProperty("tools").GetArrayLength());
        Assert.True(last.GetProperty("input").GetArrayLength() >= 3);
    }

    [Fact]
    public async Task Fork_GoesToASocketOfItsOwn_AndTheChainKeepsItsSocket()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-ws", upstream);
        var root = await gateway.TurnAsync(null, TestGateway.User("one"), ""","store":false""");
        var main = await gateway.TurnAsync(root.Node, TestGateway.User("two"), ""","store":false""");

        var fork = await gateway.TurnAsync(root.Node, TestGateway.User("other two"), ""","store":false""");
        var next = await gateway.TurnAsync(main.Node, TestGateway.User("three"), ""","store":false""");

        Assert.Equal(("seen 3", "seen 5"), (fork.Text, next.Text));
        Assert.Equal(2, upstream.Responses.Connections);
        Assert.Equal("socket_gone", fork.Report.MissCause);
        Assert.Null(next.Report.MissCause);
    }

    [Fact]
    public async Task WarmUp_IsForwarded_AndItsResponseIsContinued()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-ws", upstream);
        var warm = await gateway.TurnAsync(null, TestGateway.User("the start"), ""","generate":false,"store":false""");
        var first = await gateway.TurnAsync(warm.Node, TestGateway.User("go"), ""","store":false""");
        Assert.Empty(warm.Node.Output);
        Assert.Equal("seen 2", first.Text);
        Assert.Equal("resp_a_1", upstream.Requests.Last().PreviousResponseId);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses-http")]
    public async Task WarmUp_CostsNothing_WhereTheUpstreamHasNone(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var warm = await gateway.TurnAsync(null, TestGateway.User("the start"), ""","generate":false""");
        Assert.Empty(upstream.Requests);
        Assert.Equal("seen 2", (await gateway.TurnAsync(warm.Node, TestGateway.User("go"))).Text);
    }

    [Fact]
    public async Task RefusedUpgrade_FallsBackToHttp_AndIsNotAskedAgainAtOnce()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.RefuseUpgrade = 426;
        using var gateway = new TestGateway("responses-ws", upstream);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal("seen 3", second.Text);
        Assert.All(upstream.Requests, request => Assert.Equal(-1, request.Connection));
        Assert.Equal(0, second.Report.Retries);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(407)]
    [InlineData(451)]
    public async Task PageInPlaceOfASocket_IsNotTheClientsFault_ThoughTheKeyIs(int status)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        (upstream.RefuseUpgrade, upstream.RefusedWith) = (status, "<html>");
        var options = TestGateway.Options("responses-ws", upstream);
        options.Pools[0].Destinations[0].PassesKeys = true;
        using var gateway = new TestGateway(options);
        Assert.Equal(502, (await gateway.TurnAsync(null, TestGateway.User("one"))).Error!.Kind.Status);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task BareItems_GetTheIdsAndStatesThatClientsNeed()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.IsBare = true;
        using var gateway = new TestGateway("responses-ws", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"));
        var started = result.Events.OfType<BackendEvent.MessageStarted>().Single();
        var item = Assert.Single(result.Node.Output);
        Assert.Equal(started.Id, item.Id);
        Assert.Contains("\"status\":\"completed\"", item.Json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReleasedChain_LeavesItsSocketToAnother()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-ws", upstream);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        first.Node.State!.Release();
        var other = await gateway.TurnAsync(null, TestGateway.User("another conversation"));
        Assert.Equal(1, upstream.Responses.Connections);
        Assert.Equal("seen 1", other.Text);
        Assert.Equal(1, gateway.IdleSockets);
    }
}
