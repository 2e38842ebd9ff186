using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>What a history looks like to the Messages API, whatever client or model it comes from.</summary>
public sealed class MessageHistoryTests
{
    [Theory]
    [InlineData("toolu_01AbC-9", true)]
    [InlineData("functions.look:0", false)]
    [InlineData("call/1+2=", false)]
    [InlineData("ruf 1 äöü", false)]
    [InlineData("fc_0123456789012345678901234567890123456789012345678901234567890123456789", false)]
    public async Task CallIds_FitTheApi_AndAreTheSameInCallAndResult(string callId, bool stays)
    {
        var blocks = Blocks(await SentAsync($"""[{User},{Call(callId)},{Result(callId, "\"x\"")}]"""));
        var (use, result) = (blocks[1].GetProperty("id").GetString()!, blocks[2].GetProperty("tool_use_id").GetString());
        Assert.Equal(use, result);
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", use);
        Assert.Equal(stays, use == callId);
    }

    [Fact]
    public async Task CallIds_ThatComeAgain_AreOtherOnes_InTheSameWayEachTime()
    {
        var (first, second) = (Call("call_0"), Result("call_0", "\"1\""));
        var whole = Ids(await SentAsync($"[{User},{first},{second},{first},{second}]"));
        Assert.Equal(whole[0], whole[1]);
        Assert.Equal(whole[2], whole[3]);
        Assert.Equal("call_0", whole[0]);
        Assert.NotEqual("call_0", whole[2]);

        // and where the first of them is in the chain already
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var begun = await gateway.TurnAsync(null, $"[{User},{first},{second}]");
        for (var turn = 0; turn < 2; turn++) // made, and made again from what was kept
        {
            await gateway.TurnAsync(begun.Node, $"[{first},{second}]");
            Assert.Equal(whole, Ids(upstream.Requests.Last().Json));
        }
    }

    [Fact]
    public async Task ResultsOfParallelCalls_StandInOneMessage_BeforeAllElse()
    {
        var sent = await SentAsync($"""[{User},{Call("a")},{Call("b")},{Result("a", "\"1\"")},{User},{Result("b", "\"\"")},{User}]""");
        var messages = sent.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["user", "assistant", "user"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(["tool_result", "tool_result", "text", "text"], Types(messages[2]));
        Assert.True(messages[2].GetProperty("content")[3].TryGetProperty("cache_control", out _));
    }

    [Theory, InlineData(""), InlineData("\\n\\n"), InlineData(" \\t\\u00a0")]
    public async Task TextsWithoutAWord_AreLeftOut_TheApiRefusesThem(string blank)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, $$"""[{"role":"developer","content":"{{blank}}"},{{User}},""" +
            $$"""{"role":"assistant","content":[{"type":"output_text","text":"{{blank}}"},{"type":"refusal","refusal":"{{blank}}"}]},""" +
            $$"""{{Call("c")}},{{Result("c", $"\"{blank}\"")}},{{User}}]""", $$""","instructions":"{{blank}}" """);
        Assert.True(turn.Error is null, turn.Error?.Message);
        var sent = upstream.Requests.Last().Json;
        Assert.False(sent.TryGetProperty("system", out _));
        Assert.Equal(["text", "tool_use", "tool_result", "text"], Blocks(sent).Select(block => block.GetProperty("type").GetString()));
        Assert.Empty(Blocks(sent)[2].GetProperty("content").EnumerateArray());
    }

    [Fact]
    public async Task ToolReferences_GoBackAsTheyCame_AndAreNamesToOthers()
    {
        const string messages = """[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"t",""" +
            """ "name":"find","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":""" +
            """[{"type":"tool_reference","tool_name":"stop"},{"type":"text","text":"one"}]}]}]""";
        var output = Translated(messages).Single(item => item.Contains("function_call_output", StringComparison.Ordinal));
        var input = "[" + string.Join(',', Translated(messages)) + "]";
        var result = Blocks(await SentAsync(input)).Last();
        Assert.Equal("""{"type":"tool_reference","tool_name":"stop"}""", result.GetProperty("content")[0].GetRawText());
        Assert.Contains("tool_reference", output, StringComparison.Ordinal);
        Assert.Contains("stop\\none", await SentTextAsync("chat", input), StringComparison.Ordinal);
        var plain = await SentTextAsync("responses-http", input);
        Assert.Contains("""{"type":"input_text","text":"stop"}""", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("tool_reference", plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextsThatAreTheWord_AreNoToolReferences()
    {
        const string word = "\"tool_reference\"";
        foreach (var text in new[] { word, $$"""[{"type":"input_text","text":{{word}}}]""" })
        {
            var input = $$"""[{"role":"user","content":{{text}}},{{Call("c")}},{{Result("c", text)}}]""";
            var blocks = Blocks(await SentAsync(input));
            var given = Assert.Single(blocks[2].GetProperty("content").EnumerateArray());
            Assert.All([blocks[0], given], block => Assert.Equal("tool_reference", block.GetProperty("text").GetString()));
            using var plain = JsonDocument.Parse(await SentTextAsync("responses-http", input));
            Assert.Equal(text, plain.RootElement.GetProperty("input")[2].GetProperty("output").GetRawText());
        }
    }

    [Fact]
    public async Task BlocksOfTheProvidersTools_GoBackAsTheyCame_AndAreTextToOthers()
    {
        const string use = """{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{"query":"x"}}""";
        const string found = """{"type":"web_search_tool_result","tool_use_id":"srv_1","content":[{"type":"web_search_result",""" +
            """ "url":"u","encrypted_content":"zzz"}]}""";
        const string messages = $$"""[{"role":"user","content":"go"},{"role":"assistant","content":[{{use}},{{found}},""" +
            """{"type":"text","text":"Found."}]},{"role":"user","content":"and?"}]""";
        var input = "[" + string.Join(',', Translated(messages)) + "]";
        var blocks = Blocks(await SentAsync(input));
        Assert.Equal([use, found.Replace(" ", "", StringComparison.Ordinal)], blocks[1..3].Select(block => block.GetRawText()));
        foreach (var kind in new[] { "chat", "responses-http" })
        {
            var sent = await SentTextAsync(kind, input);
            Assert.Contains("web_search_result", sent, StringComparison.Ordinal);
            Assert.DoesNotContain("zzz", sent, StringComparison.Ordinal);
            Assert.DoesNotContain("messages_block", sent, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"type":"thinking","thinking":"hm","signature":"ErUB"}""", "anthropic-signature")]
    [InlineData("""{"type":"redacted_thinking","data":"ErUB"}""", "anthropic-redacted")]
    public async Task SealedThoughts_WhoseMakerIsNotKnown_GoBackAsTheyCame_AndToNobodyElse(string thought, string mark)
    {
        var messages = $$"""[{"role":"user","content":"go"},{"role":"assistant","content":[{{thought}},{"type":"text","text":"ok"}]},"""
            + """{"role":"user","content":"and?"}]""";
        var input = "[" + string.Join(',', Translated(messages)) + "]";
        Assert.Contains(thought, Blocks(await SentAsync(input)).Select(block => block.GetRawText()));
        foreach (var kind in new[] { "responses-http", "responses-stored", "responses-ws", "chat" })
        {
            var sent = await SentTextAsync(kind, input);
            Assert.Contains("and?", sent, StringComparison.Ordinal);
            Assert.DoesNotContain("ErUB", sent, StringComparison.Ordinal);
            Assert.DoesNotContain("\"reasoning\",\"summary\"", sent, StringComparison.Ordinal);
        }
        await using var upstream = await FakeUpstream.StartAsync("a"); // it is no Samovar, and refuses what one can open
        var options = TestGateway.Options("responses-ws", upstream);
        options.Pools[0].Destinations[0].Dialect = "samovar";
        using var gateway = new TestGateway(options);
        await gateway.TurnAsync(null, input);
        Assert.Contains($"\"encrypted_content\":\"{mark}:ErUB\"", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"base64","media_type":"application/pdf","data":"JVBE"}""")]
    [InlineData("""{"type":"url","url":"https://h/a.pdf"}""")]
    [InlineData("""{"type":"file","file_id":"file_1"}""")]
    public async Task Documents_GoBackAsTheyCame(string source)
    {
        foreach (var block in await SentBackAsync($$"""{"type":"document","title":"a.pdf","source":{{source}}}"""))
            Assert.Equal(("document", "a.pdf", source), (block.GetProperty("type").GetString(), block.GetProperty("title").GetString(),
                block.GetProperty("source").GetRawText()));
    }

    [Theory]
    [InlineData("""{"type":"base64","media_type":"image/png","data":"iVBO"}""")]
    [InlineData("""{"type":"url","url":"https://h/a.png"}""")]
    [InlineData("""{"type":"file","file_id":"file_1"}""")]
    public async Task Images_GoBackAsTheyCame(string source)
    {
        foreach (var block in await SentBackAsync($$"""{"type":"image","source":{{source}}}"""))
            Assert.Equal(("image", source), (block.GetProperty("type").GetString(), block.GetProperty("source").GetRawText()));
    }

    [Fact]
    public async Task ToolsOfTheProvider_GoToTheApiThatKnowsThem_AndAreNamedElsewhere()
    {
        const string tools = ""","tools":[{"type":"web_search_20250305","name":"web_search","max_uses":8},""" +
            """{"type":"bash_20250124","name":"bash"},{"type":"function","name":"f","parameters":{"type":"object"}}]""";
        foreach (var kind in new[] { "messages", "chat", "responses-http" })
        {
            await using var upstream = await FakeUpstream.StartAsync("a");
            using var gateway = new TestGateway(kind, upstream);
            var turn = await gateway.TurnAsync(null, $"[{User}]", tools);
            var body = upstream.Requests.Last().Json.GetRawText();
            Assert.Equal(kind == "messages", body.Contains("\"max_uses\":8", StringComparison.Ordinal));
            Assert.Equal(kind == "messages" ? [] : ["tools.web_search_20250305", "tools.bash_20250124"], turn.Report.Dropped);
        }
    }

    [Theory]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cch=NNN;"},{"type":"text","text":"You help."}]""")]
    [InlineData("\"x-anthropic-billing-header: cch=NNN;\\nYou help.\"")]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cch=NNN;\n\nYou help.","cache_control":{"type":"ephemeral"}}]""")]
    public async Task BillingHeader_IsForTheProviderAlone_AndNoPartOfTheHistory(string system)
    {
        string Request(int number) => $$"""{"max_tokens":9,"system":{{system.Replace("NNN", $"{number}", StringComparison.Ordinal)}},""" +
            """ "messages":[{"role":"user","content":"go"}]}""";
        var (one, other) = (Read(Request(1)), Read(Request(2)));
        Assert.Equal(one.Input.Select(item => item.Json.ToString()), other.Input.Select(item => item.Json.ToString()));
        Assert.DoesNotContain("billing", string.Concat(one.Input.Select(item => item.Json)), StringComparison.Ordinal);

        foreach (var kind in new[] { "messages", "chat", "responses-http" })
        {
            await using var upstream = await FakeUpstream.StartAsync("a");
            using var gateway = new TestGateway(kind, upstream);
            await gateway.TurnAsync(one);
            var body = upstream.Requests.Last().Json.GetRawText();
            Assert.Equal(kind == "messages", body.Contains("cch=1;", StringComparison.Ordinal));
            Assert.Contains("You help.", body, StringComparison.Ordinal);
        }
    }

    /// <summary>The bytes of the client's text, in a block of its own where it was one.</summary>
    [Theory]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.42.834; cch=fa690;"},""" +
        """{"type":"text","text":"You help."}]""", 2)]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.42.834; cch=fa690; \r\n\n  You help."},""" +
        """{"type":"text","text":"More."}]""", 2)]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},""" +
        """{"type":"text","text":"x-anthropic-billing-header: cch=2;"},""" +
        """{"type":"text","text":"x-anthropic-billing-header: cch=3;\nYou help."}]""", 3)]
    [InlineData("\"x-anthropic-billing-header: cch=1;\\nx-anthropic-billing-header: cch=2;\\n\\nYou help.\"", 1)]
    [InlineData("\"x-anthropic-billing-header: cch=fa690\"", 1)]
    [InlineData("\"x-anthropic-billing-header: cch=fa690;\\n\\nYou help.\"", 1)]
    public async Task Mark_GoesToAnthropic_InTheBytesItCameIn(string system, int blocks)
    {
        var request = Read($$"""{"max_tokens":9,"system":{{system}},"messages":[{"role":"user","content":"go"}]}""");
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var anthropic = new TestGateway("messages", upstream);
        await anthropic.TurnAsync(request);
        var sent = upstream.Requests.Last().Json.GetProperty("system");
        Assert.Equal(blocks, sent.GetArrayLength());
        Assert.Equal(Texts(JsonDocument.Parse(system).RootElement), Texts(sent));
    }

    /// <summary>Through the other protocols, too: what a router made of Claude Code's request is put together again.</summary>
    [Fact]
    public async Task MarkInInstructions_GoesToAnthropic_AlsoInLaterTurnsOfTheChain()
    {
        const string mark = "x-anthropic-billing-header: cc_version=2.1.42.834; cch=fa690;";
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var first = await gateway.TurnAsync(null, $$"""[{"role":"developer","content":"{{mark}}\nYou help."},{{User}}]""");
        await gateway.TurnAsync(first.Node, $"[{User}]");
        foreach (var request in upstream.Requests) Assert.Equal([$"{mark}\nYou help."], Texts(request.Json.GetProperty("system")));

        using var responses = new TestGateway("responses-http", upstream);
        await responses.TurnAsync(null, $"[{User}]", $$""","instructions":"{{mark}}\nYou help." """);
        Assert.Equal("You help.", upstream.Requests.Last().Json.GetProperty("instructions").GetString());
    }

    private static IEnumerable<string?> Texts(JsonElement system) => system.ValueKind == JsonValueKind.String ? [system.GetString()]
        : system.EnumerateArray().Select(block => block.GetProperty("text").GetString());

    private const string User = """{"role":"user","content":"go"}""";

    private static string Call(string callId) =>
        $$"""{"type":"function_call","call_id":{{JsonSerializer.Serialize(callId)}},"name":"look","arguments":"{}"}""";

    private static string Result(string callId, string output) =>
        $$"""{"type":"function_call_output","call_id":{{JsonSerializer.Serialize(callId)}},"output":{{output}}}""";

    private static Samovar.Protocol.Requests.CreateRequest Read(string json) =>
        MessagesRequestReader.Read(Encoding.UTF8.GetBytes(json), ProtocolLimits.Default).Request;

    /// <summary>The items that a client's messages become.</summary>
    private static List<string> Translated(string messages) =>
        [.. Read($$"""{"max_tokens":9,"messages":{{messages}}}""").Input.Select(item => item.Json.ToString())];

    /// <summary>What becomes of a block that a user sends, and that a tool gives.</summary>
    private static async Task<JsonElement[]> SentBackAsync(string block)
    {
        const string call = """{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]}""";
        var said = Translated($$"""[{"role":"user","content":[{{block}},{"type":"text","text":"see"}]}]""");
        var given = Translated($$"""[{"role":"user","content":"go"},{{call}},"""
            + $$"""{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{{block}}]}]}]""");
        return [Blocks(await SentAsync("[" + string.Join(',', said) + "]"))[0],
            Blocks(await SentAsync("[" + string.Join(',', given) + "]")).Last().GetProperty("content")[0]];
    }

    private static async Task<JsonElement> SentAsync(string input) =>
        JsonDocument.Parse(await SentTextAsync("messages", input)).RootElement;

    private static async Task<string> SentTextAsync(string kind, string input)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        _ = (await gateway.TurnAsync(null, input)).Node;
        return upstream.Requests.Last().Json.GetRawText();
    }

    private static List<JsonElement> Blocks(JsonElement sent) =>
        [.. sent.GetProperty("messages").EnumerateArray().SelectMany(message => message.GetProperty("content").EnumerateArray())];

    private static List<string?> Ids(JsonElement sent) => [.. Blocks(sent)
        .Select(block => block.TryGetProperty("id", out var id) ? id : block.TryGetProperty("tool_use_id", out id) ? id : default)
        .Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString())];

    private static List<string?> Types(JsonElement message) =>
        [.. message.GetProperty("content").EnumerateArray().Select(block => block.GetProperty("type").GetString())];
}
