using System.Text.Json;
using Samovar.Chains;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire.Bodies;

/// <summary>
/// A whole body is put together from the bytes that came in, and holds every field that the upstream understands and no other.
/// </summary>
public sealed class BodyBytesTests
{
    private const string Odd = """{ "type" : "message","role":"user" , "content":""" +
        """[{"text":"caf\u00e9 \ud83d\ude00","type":"input_text","x":1.50e0}], "later":{"a":[ ]} }""";

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    public async Task Items_LeaveAsTheyCame_ByteForByte(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var first = await gateway.TurnAsync(null, $"[{Odd}]");
        if (kind == "responses-ws") await upstream.Responses.DropSocketsAsync();
        await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        var body = upstream.Requests.Last().Text;
        Assert.Contains(Odd, body, StringComparison.Ordinal);
        Assert.Contains($"{Odd},{first.Node.Output[0].Json}", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("responses-http",
        "service_tier,include,reasoning,prompt_cache_retention,text,metadata,truncation,safety_identifier,top_k,max_output_tokens")]
    [InlineData("chat", "reasoning_effort,response_format,top_k,temperature,max_completion_tokens,cache_salt")]
    [InlineData("messages", "max_tokens,metadata,thinking")]
    public async Task Fields_AreForwardedByTheTable_AndTheOthersAreReported(string kind, string expected)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        const string fields = ""","service_tier":"flex","include":["reasoning.encrypted_content"],"reasoning":{"effort":"high"}""" +
            ""","prompt_cache_retention":"24h","""
            + """ "text":{"format":{"type":"json_object"}},"metadata":{"a":"b"}""" +
                ""","truncation":"auto","safety_identifier":"u","top_k":5,"temperature":0.5,"""
            + """ "max_output_tokens":9000,"client_metadata":{"secret":"x"},"stream":true,"prompt_cache_key":"k" """;
        var result = await gateway.TurnAsync(null, TestGateway.User("one"), fields);
        var body = upstream.Requests.Single().Json;
        var names = body.EnumerateObject().Select(field => field.Name).ToList();
        Assert.Superset(expected.Split(',').ToHashSet(StringComparer.Ordinal), names.ToHashSet(StringComparer.Ordinal));
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain("client_metadata", names);
        Assert.DoesNotContain("generate", names);
        Assert.Equal(kind != "responses-http", result.Report.Dropped.Contains("truncation", StringComparer.Ordinal));
    }

    [Fact]
    public async Task CustomAndNamespacedTools_AreFunctionsOnTheWay_AndThemselvesAgain()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        const string tools = ""","tools":[{"type":"namespace","name":"fs","description":"d","tools":""" +
            """[{"type":"function","name":"read","parameters":{}}]},"""
            + """{"type":"custom","name":"apply_patch","description":"Patches."},{"type":"web_search"}]""";
        var asked = await gateway.TurnAsync(null, TestGateway.User(FakeMind.AskForTool), tools);
        var offered = upstream.Requests.Single().Json.GetProperty("tools").EnumerateArray()
            .Select(tool => tool.GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(["apply_patch", "fs__read"], offered.Order(StringComparer.Ordinal));
        Assert.Equal(["tools.web_search"], asked.Report.Dropped);
        var call = Assert.IsType<Samovar.Protocol.Items.CustomToolCallItem>(Assert.Single(asked.Node.Output));
        Assert.Equal("apply_patch", call.Name);

        var output = $$"""[{"type":"custom_tool_call_output","call_id":"{{call.CallId}}","output":"done"}]""";
        await gateway.TurnAsync(asked.Node, output, tools);
        var messages = upstream.Requests.Last().Json.GetProperty("messages");
        Assert.Equal("apply_patch", messages[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("done", messages[2].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Messages_HaveBreakpoints_AfterThePrefixAndTheNewestTurn()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        const string start = ""","instructions":"Be brief." """;
        var first = await gateway.TurnAsync(null, TestGateway.User("one"), start);
        await gateway.TurnAsync(first.Node, TestGateway.User("two"), start);
        var body = upstream.Requests.Last().Json;
        Assert.True(body.GetProperty("system")[0].TryGetProperty("cache_control", out _));
        var marked = body.GetProperty("messages").EnumerateArray()
            .Select(message => message.GetProperty("content")[0].TryGetProperty("cache_control", out _));
        Assert.Equal([false, false, true], marked);
    }

    [Fact]
    public async Task SealedReasoning_GoesBackToItsMaker_AndToNobodyElse()
    {
        await using var maker = await FakeUpstream.StartAsync("maker");
        using var gateway = new TestGateway("responses-http", maker);
        const string item = """{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAAA"}""";
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var withThought = With(first.Node, item);
        await gateway.TurnAsync(withThought, TestGateway.User("two"));
        Assert.Contains(item, maker.Requests.Last().Text, StringComparison.Ordinal);

        await using var other = await FakeUpstream.StartAsync("other");
        using var elsewhere = new TestGateway("responses-http", other);
        await elsewhere.TurnAsync(withThought, TestGateway.User("two"));
        Assert.DoesNotContain("gAAAA", other.Requests.Last().Text, StringComparison.Ordinal);
        Assert.Equal(3, other.Requests.Last().Json.GetProperty("input").GetArrayLength());
    }

    /// <summary>Of reasoning without a seal a provider has the id alone, and refuses every turn with one that it has not.</summary>
    [Theory]
    [InlineData("responses-http", "openai", false)]
    [InlineData("responses-http", "xai", false)]
    [InlineData("responses-ws", "openai", false)]
    [InlineData("responses-http", "vllm", true)]
    [InlineData("responses-ws", "samovar", true)]
    [InlineData("responses-stored", "openai", true)]
    public async Task ReasoningWithoutASeal_GoesToWhoMayHaveStoredIt_OrReadsItsText(string kind, string dialect, bool isSent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        foreach (var seal in new[] { "", ""","encrypted_content":null""", ""","encrypted_content":"" """ })
        {
            var thought = $$"""{"type":"reasoning","id":"rs_1","summary":[]{{seal}}}""";
            await gateway.TurnAsync(null, $"[{TestGateway.User("one")[1..^1]},{thought},{TestGateway.User("two")[1..^1]}]");
            Assert.Equal(isSent, upstream.Requests.Last().Text.Contains("rs_1", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("responses-http", false)]
    [InlineData("responses-stored", true)]
    public async Task UnsealedReasoningOfTheChain_GoesBack_OnlyWhereItIsStored(string kind, bool isSent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        if (isSent) upstream.Next(FakeFault.ParentForgotten); // so that the whole is sent
        await gateway.TurnAsync(With(first.Node, """{"type":"reasoning","id":"rs_1","summary":[]}"""), TestGateway.User("two"));
        Assert.Null(upstream.Requests.Last().PreviousResponseId);
        Assert.Equal(isSent, upstream.Requests.Last().Text.Contains("rs_1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ItemThatCannotBeSent_IsRefused_RatherThanLeftOut()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var result = await gateway.TurnAsync(
            null, """[{"type":"mcp_list_tools","server_label":"x","tools":[]},{"role":"user","content":"go on"}]""");
        Assert.Equal((400, "input"), (result.Error!.Kind.Status, result.Error.Param));
        Assert.Empty(upstream.Requests);
    }

    /// <summary>What only chat upstreams know goes there as it came; elsewhere the client hears of it.</summary>
    [Theory]
    [InlineData("chat", true)]
    [InlineData("responses-http", false)]
    [InlineData("messages", false)]
    public async Task FieldsOfChatAlone_GoToChatUpstreams_AndAreRefusedElsewhere(string kind, bool isPassedOn)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        const string field = ""","prediction":{ "type":"content","content":"x"}""";
        var result = await gateway.TurnAsync(null, TestGateway.User("one"), field);
        if (isPassedOn) Assert.Contains("""{ "type":"content","content":"x"}""", upstream.Requests.Single().Text, StringComparison.Ordinal);
        else Assert.Equal(("unsupported_parameter", "prediction", 400),
            (result.Error!.Kind.Code, result.Error.Param, result.Error.Kind.Status));
    }

    [Theory]
    [InlineData("chat", ""","logit_bias":{"5":-100}""", true)]
    [InlineData("responses-http", ""","logit_bias":{"5":-100}""", false)]
    [InlineData("messages", ""","logit_bias":{"5":-100}""", false)]
    public async Task LogitBias_GoesToThoseWhoKnowIt_AndIsNamedElsewhere(string kind, string field, bool isPassedOn)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("one"), field);
        Assert.Equal(isPassedOn, upstream.Requests.Single().Json.TryGetProperty("logit_bias", out _));
        Assert.Equal(isPassedOn ? 0 : 1, result.Report.Dropped.Count(name => name == "logit_bias"));
    }

    [Fact]
    public void WholeBody_CostsItsItems_NotItsBytes()
    {
        var (small, large) = (Allocated(20_000), Allocated(2_000_000));
        Assert.True(large <= small + 4096, $"{small} bytes for 20 KB of history, {large} for 2 MB");
    }

    /// <summary>Bytes allocated to put a body of ten items together, however long they are.</summary>
    private static long Allocated(int historyBytes)
    {
        var items = Enumerable.Range(0, 10).Select(_ => Samovar.Protocol.Items.ItemReader.Read(
            System.Text.Encoding.UTF8.GetBytes(TestGateway.User(new string('x', historyBytes / 10))[1..^1]),
            Samovar.Protocol.Json.ProtocolLimits.Default)).ToList();
        var call = Calls.Of("responses-http", items);
        Samovar.Gateway.Drivers.Responses.ResponsesBody.For(call, null, isFrame: false);
        return Enumerable.Range(0, 5).Min(_ => // a collection in between counts what is left of its room
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var body = Samovar.Gateway.Drivers.Responses.ResponsesBody.For(call, null, isFrame: false);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(body.Length > historyBytes);
            return allocated;
        });
    }

    private static ChainNode With(ChainNode node, string item) => new()
    {
        Tenant = node.Tenant, Id = node.Id, Parent = node.Parent, Input = node.Input, Bytes = 0, State = node.State,
        Response = node.Response with
        {
            Output =
            [
                Samovar.Protocol.Items.ItemReader.Read(System.Text.Encoding.UTF8.GetBytes(item),
                    Samovar.Protocol.Json.ProtocolLimits.Default),
                .. node.Output,
            ],
        },
    };
}
