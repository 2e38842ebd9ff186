using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>What goes up so that templates take it.</summary>
public sealed class ChatHistoryTests
{
    private const string Start = """[{"type":"message","role":"developer","content":[{"type":"input_text","text":"Sandbox: on."}]},""" +
        """{"type":"message","role":"system","content":"Be brief."},{"type":"message","role":"user","content":"go"}]""";

    [Fact]
    public async Task SystemMessagesAtTheStart_AreOne_ForEnginesAndALaterOneIsTheUsers()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var first = await gateway.TurnAsync(null, Start, ""","instructions":"You are an agent." """);
        Assert.Equal(["system: You are an agent.\n\nSandbox: on.\n\nBe brief.", "user: go"], Messages(upstream));

        await gateway.TurnAsync(first.Node,
            """[{"type":"message","role":"developer","content":"late"},{"type":"message","role":"user","content":"more"}]""",
            ""","instructions":"You are an agent." """);
        string[] messages = ["system: You are an agent.\n\nSandbox: on.\n\nBe brief.", "user: go", "assistant: seen 2", "user: late"];
        Assert.Equal([.. messages, "user: more"], Messages(upstream));
    }

    [Fact]
    public async Task SystemMessages_StayApart_WhereTheRoleOfDevelopersIsKnown()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = Dialect.OpenAi.Name;
        using var gateway = new TestGateway(options);
        await gateway.TurnAsync(null, Start, ""","instructions":"You are an agent." """);
        Assert.Equal(["developer: You are an agent.", "developer: Sandbox: on.", "system: Be brief.", "user: go"], Messages(upstream));
    }

    [Theory]
    [InlineData("chat", "")]
    [InlineData("chat", "{\\\"q\\\": ")]
    [InlineData("chat", "null")]
    [InlineData("chat", "no JSON at all")]
    [InlineData("chat", "{\\\"q\\\": \\\"a\\nb")]
    [InlineData("messages", "")]
    [InlineData("messages", "{\\\"q\\\": [1, ")]
    [InlineData("responses-http", "{\\\"q\\\": \\\"lon")]
    [InlineData("responses-http", "")]
    [InlineData("responses-ws", "[1]")]
    public async Task BrokenArgumentsOfAHistory_GoUp_AsAnObject(string kind, string arguments)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        await gateway.TurnAsync(null, $$"""[{"type":"message","role":"user","content":"go"},""" +
            $$"""{"type":"function_call","call_id":"c","name":"look","arguments":"{{arguments}}"},""" +
            """{"type":"function_call_output","call_id":"c","output":"done"}]""", TestGateway.Tools);
        var body = upstream.Requests.Last().Json;
        var input = kind switch
        {
            "chat" => Parsed(body.GetProperty("messages")[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments")),
            "messages" => body.GetProperty("messages")[1].GetProperty("content")[0].GetProperty("input"),
            _ => Parsed(body.GetProperty("input")[1].GetProperty("arguments")),
        };
        Assert.Equal(JsonValueKind.Object, input.ValueKind);
        Assert.DoesNotContain("arguments", input.EnumerateObject().Select(field => field.Name));
    }

    [Theory]
    [InlineData("chat", "vllm", "text.verbosity,reasoning.summary,include,prompt_cache_key")]
    [InlineData("chat", "llama-server", "text.verbosity,reasoning.effort,reasoning.summary,include,prompt_cache_key")]
    [InlineData("chat", "ollama", "text.verbosity,reasoning.summary,include,parallel_tool_calls,prompt_cache_key")]
    [InlineData("chat", "openai", "reasoning.summary,include")]
    [InlineData("messages", null, "text.verbosity,reasoning.summary,include,prompt_cache_key")]
    [InlineData("responses-http", "vllm", "prompt_cache_key")]
    [InlineData("responses-http", "openai", "")]
    public async Task WhatADriverDoesNotCarry_IsNamed(string kind, string? dialect, string dropped)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), TestGateway.Tools + ""","text":{"verbosity":"low"},""" +
            """ "reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"],"parallel_tool_calls":false,""" +
            """ "prompt_cache_key":"k","max_tool_calls":3,"stream":true""");
        Assert.Equal(dropped.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            result.Report.Dropped.Order(StringComparer.Ordinal));
    }

    // u: the user; t, r, a: the assistant says, thinks, calls; A: the result, P: the result, a picture; /: what follows is another turn's
    [Theory]
    [InlineData("mistral", "uaAu", "user assistant tool assistant=OK. user")]
    [InlineData("mistral", "uaAtu", "user assistant tool assistant=so user")]
    [InlineData("mistral", "uaArut", "user assistant tool assistant=OK. user assistant=so")]
    [InlineData("mistral", "uaPt", "user assistant tool assistant=OK. user assistant=so")]
    [InlineData("mistral", "uaAsu", "user assistant tool assistant=OK. user user")]
    [InlineData("mistral", "uaA/u", "user assistant tool assistant=seen user")]
    [InlineData("mistral", "uaA-/u", "user assistant tool assistant=OK. user")]
    [InlineData("vllm", "uaAu", "user assistant tool user")]
    [InlineData("deepseek", "uaAu", "user assistant+ tool user")]
    [InlineData("deepseek", "utraArtu", "user assistant=so+ assistant+hm tool assistant=so+hm user")]
    [InlineData("deepseek", "utraAru", "user assistant=so+ assistant+hm tool user")]
    [InlineData("deepseek", "utu", "user assistant=so+ user")]
    [InlineData("deepseek", "uru", "user user")]
    [InlineData("vllm", "uru", "user user")]
    [InlineData("vllm", "urtu", "user assistant=so+hm user")]
    [InlineData("llama-server", "ur-/u", "user user")]
    [InlineData("openai", "utu", "user assistant=so user")]
    public async Task History_HasTheForm_ThatTheDialectTakes(string dialect, string history, string sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        ChainNode? node = null;
        foreach (var turn in history.Split('/'))
        {
            var result = await gateway.TurnAsync(node, "[" + string.Join(',', turn.Where(one => one != '-').Select(Item)) + "]");
            Assert.True(result.Error is null, result.Error?.Message);
            node = turn.EndsWith('-') ? Silent(result.Node) : result.Node;
        }
        Assert.Equal(sent, string.Join(' ', upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray().Select(Outline)));
    }

    [Theory]
    [InlineData("call_0123456789", false)]
    [InlineData("toolu_01AbC-9", false)]
    [InlineData("id_2", false)]
    [InlineData("Ab3dE6gH9", true)]
    public async Task CallIds_AreNineLettersAndDigits_ForMistral(string callId, bool stays)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = "mistral";
        using var gateway = new TestGateway(options);
        string Of(string one) => Item(one[0]).Replace("\"c\"", $"\"{callId}\"", StringComparison.Ordinal);
        var first = await gateway.TurnAsync(null, $"[{Of("u")},{Of("a")},{Of("a")},{Of("A")},{Of("A")}]");
        await gateway.TurnAsync(first.Node, $"[{Of("a")},{Of("A")}]");
        var messages = upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray().ToList();
        var calls = messages.Where(message => message.TryGetProperty("tool_calls", out _))
            .SelectMany(message => message.GetProperty("tool_calls").EnumerateArray()).Select(call => call.GetProperty("id").GetString()!);
        var results = messages.Where(message => message.TryGetProperty("tool_call_id", out _))
            .Select(message => message.GetProperty("tool_call_id").GetString()!).ToList();
        Assert.Equal(calls, results);
        Assert.Equal(3, results.Count);
        Assert.All(results, id => Assert.Matches("^[a-zA-Z0-9]{9}$", id));
        Assert.NotEqual(results[0], results[1]);
        Assert.Equal((results[0], stays), (results[2], results[0] == callId));
    }

    private static string Item(char one) => one switch
    {
        'u' => """{"type":"message","role":"user","content":"go on"}""",
        's' => """{"type":"message","role":"developer","content":"late"}""",
        't' => """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"so"}]}""",
        'r' => """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}""",
        'a' => """{"type":"function_call","call_id":"c","name":"look","arguments":"{}"}""",
        'A' => """{"type":"function_call_output","call_id":"c","output":"done"}""",
        _ => """{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"https://h/a.png"}]}""",
    };

    /// <summary>The response without its answer, as a turn leaves it that was cut off early.</summary>
    private static ChainNode Silent(ChainNode node) => new()
    {
        Tenant = node.Tenant, Id = node.Id, Parent = node.Parent, Input = node.Input, Bytes = 0, State = node.State,
        Response = node.Response with { Output = [] },
    };

    private static string Outline(JsonElement message)
    {
        var role = message.GetProperty("role").GetString()!;
        if (role != "assistant") return role;
        var (said, thought) = (message.GetProperty("content").GetString()?.Split(' ')[0],
            message.EnumerateObject().FirstOrDefault(field => field.Name.StartsWith("reasoning", StringComparison.Ordinal)).Value);
        return role + (said is null ? "" : $"={said}") + (thought.ValueKind == JsonValueKind.String ? $"+{thought.GetString()}" : "");
    }

    [Theory]
    [InlineData("""{"type":"file","file":{"filename":"f.pdf","file_data":"data:application/pdf;base64,BB"}}""")]
    [InlineData("""{"type":"file","file":{"file_id":"file-1"}}""")]
    public async Task Files_GoBackAsTheyCame_ToProviders_AndEnginesAreNotAsked(string file)
    {
        const string call = """{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}""";
        var content = $$"""[{{file}},{"type":"text","text":"see"}]""";
        var said = Read($$"""[{"role":"user","content":{{content}}}]""");
        var given = Read($$"""[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{{call}}]},"""
            + $$"""{"role":"tool","tool_call_id":"c","content":{{content}}}]""");
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].Dialect = Dialect.OpenAi.Name;
        using var provider = new TestGateway(options);
        using var engine = new TestGateway("chat", upstream);

        Assert.Null((await provider.TurnAsync(said)).Error);
        Assert.Equal(content, upstream.Requests.Last().Json.GetProperty("messages")[0].GetProperty("content").GetRawText());
        Assert.Null((await provider.TurnAsync(given)).Error);
        var messages = upstream.Requests.Last().Json.GetProperty("messages");
        Assert.Equal("(see the file below)\nsee", messages[2].GetProperty("content").GetString());
        Assert.Equal($"[{file}]", messages[3].GetProperty("content").GetRawText());

        foreach (var request in new[] { said, given })
            Assert.Equal((400, "Content of type 'input_file' cannot be sent to this model."),
                (await engine.TurnAsync(request)).Error is { } error ? (error.Kind.Status, error.Message) : default);
        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task Refusals_InTheMiddleOfAMessage_AreItsText()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var turn = await gateway.TurnAsync(Read(
            """[{"role":"user","content":[{"type":"refusal","refusal":"no"},{"type":"text","text":"why?"}]}]"""));
        Assert.Null(turn.Error);
        Assert.Equal("""[{"type":"text","text":"no"},{"type":"text","text":"why?"}]""",
            upstream.Requests.Last().Json.GetProperty("messages")[0].GetProperty("content").GetRawText());
    }

    /// <summary>As a client of the same protocol sends it.</summary>
    private static CreateRequest Read(string messages) =>
        ChatRequestReader.Read(Encoding.UTF8.GetBytes($$"""{"messages":{{messages}}}"""), ProtocolLimits.Default).Request;

    private static JsonElement Parsed(JsonElement arguments) => JsonDocument.Parse(arguments.GetString()!).RootElement;

    private static IEnumerable<string> Messages(FakeUpstream upstream) => upstream.Requests.Last().Json.GetProperty("messages")
        .EnumerateArray().Select(message => $"{message.GetProperty("role").GetString()}: {message.GetProperty("content").GetString()}");
}
