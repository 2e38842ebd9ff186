using Samovar.Backends;
using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Wire.Http;

/// <summary>Streams that are framed worse than the standard says, and answers that are no streams.</summary>
public sealed class LooseStreamTests
{
    private static readonly string Text = Delta("""{"content":"Hel"}""");
    private static readonly string Last = Delta("""{"content":"lo"}""", "stop");
    private const string Whole = """{"object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",""" +
        """ "content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}""";

    private static string Odd(string chunk) => chunk[..^1] + ""","timings":{"a":NaN,"b":[-Infinity,Infinity],"NaN":"\"NaN"}}""";

    public static TheoryData<string, string[]> Streams => new()
    {
        { "the last event has no empty line behind it", [$"data: {Text}\n\n", $"data: {Last}"] },
        { "the last event has one line break behind it", [$"data: {Text}\n\n", $"data: {Last}\n"] },
        { "lines end with CR", [$"data: {Text}\r\rdata: {Last}\r\rdata: [DONE]\r\r"] },
        { "lines end with CR and LF in two pieces", [$"data: {Text}\r", "\n\r", $"\ndata: {Last}\r\n\r", "\ndata: [DONE]\r\n\r\n"] },
        { "a byte order mark stands at the start", [$"\uFEFFdata: {Text}\n\n", $"data: {Last}\n\n"] },
        { "no space behind the colon", [$"data:{Text}\n\n", $"data:{Last}\n\ndata:[DONE]\n\n"] },
        { "comments and other fields", [$": OPENROUTER PROCESSING\n\nid: 1\nretry: 10\ndata: {Text}\n\n: ping\n\ndata: {Last}\n\n"] },
        { "an event name in front of every event", [$"event: chunk\ndata: {Text}\n\nevent: message\ndata: {Last}\n\n"] },
        { "events without empty lines between them", [$"data: {Text}\ndata: {Last}\ndata: [DONE]\n"] },
        { "empty events", [$"data: \n\ndata:\n\ndata: {Text}\n\n", $"data: {Last}\n\n"] },
        { "white space behind the data", [$"data: {Text}  \n\ndata: {Last}\t\n\ndata: [DONE] \n\n"] },
        { "lines of JSON without a field's name", [$"{Text}\n{Last}\n"] },
        { "a JSON array", [$"[{Text}\n,\n{Last}]\n"] },
        { "an end in quotes", [$"data: {Text}\n\ndata: {Last}\n\ndata: \"[DONE]\"\n\n"] },
        { "an end in small letters, and more behind it", [$"data: {Text}\n\ndata: {Last}\n\ndata: [done]\n\ndata: {{\n\n"] },
        { "lines of JSON, and a bare end", [$"{Text}\n{Last}\n[DONE]\n"] },
        { "lines of JSON, and a bare end without a line break", [$"{Text}\n{Last}\n[DONE]"] },
        { "a bare end behind events", [$"data: {Text}\n\ndata: {Last}\n\n [done] \n\n"] },
        { "a bare end right behind an event", [$"data: {Text}\n\ndata: {Last}\n\"[DONE]\"\n"] },
        { "a bare end, and more behind it", [$"data: {Text}\n\ndata: {Last}\n\n[DONE]\n\ndata: {{\n\n[1]\n"] },
        { "a bare end behind an array", [$"[{Text}\n,\n{Last}]\n[DONE]\n"] },
        { "an end behind an array", [$"[{Text}\n,\n{Last}]\n\ndata: [DONE]\n\n"] },
        { "a note in brackets among events", [$"data: {Text}\n\n[12:01 still here]\n\n{{note}}\n\ndata: {Last}\n\n"] },
        { "a note in brackets among lines of JSON", [$"{Text}\n[still here]\n{Last}\n"] },
        { "an event over three lines", [$"data: {Text[..20]}\ndata: {Text[20..]}\n\n", $"data: {Last}\n\n"] },
        { "a second name of the field in front of the data", [$"data: data: {Text}\n\n", $"data:data:{Last}\n\n"] },
        { "a comment as data", [$"data: : OPENROUTER PROCESSING\n\ndata: {Text}\n\n", $"data: {Last}\n\n"] },
        { "spaces in front of the field", [$" data: {Text}\n\n", $"  data: {Last}\n\n"] },
        { "two events in one line", [$"data: {Text}{Last}\n\n"] },
        { "two events in one line, and a line for it", [$"data: {Text}\n\ndata: {Last}{End("stop")}\ndata: [DONE]\n\n"] },
        { "two events in one line, each with its field's name", [$"data: {Text}data: {Last}\n\ndata: [DONE]\n\n"] },
        { "a comma behind an event, and one between two", [$"data: {Text},\n\ndata: {Delta("{}")} , {Last}\n\n"] },
        { "the end in the last event's line", [$"data: {Text}\n\ndata: {Last} [DONE]\n\ndata: {{\n\n"] },
        { "a byte order mark in front of every event", [$"\uFEFFdata: {Text}\n\n", $"\uFEFFdata: {Last}\n\n"] },
        { "words for the connection's life", [$"event: ping\ndata: ping\n\ndata: keep-alive\n\ndata: {Text}\n\n" +
            $"event: heartbeat\ndata: 2026-01-01T00:00:00Z\n\ndata: \"ping\"\n\ndata: {Last}\n\n"] },
        { "values that say nothing", [$"data: []\n\ndata: {Text}\n\ndata: null\n\n", $"data: \"\"\n\ndata: {Last}\n\n"] },
        { "an end in a word of its own", [$"data: {Text}\n\ndata: {Last}\n\ndata: DONE\n\ndata: <EOF>\n\n"] },
        { "an error behind the end", [$"data: {Text}\n\ndata: {Last}\n\n", """data: {"error":{"message":"no","code":500}}""" + "\n\n"] },
        { "numbers that JSON does not have", [$"data: {Odd(Text)}\n\ndata: {Odd(Last)}\n\n"] },
        { "lines of JSON with such numbers", [$"{Odd(Text)}\n{Odd(Last)}"] },
        { "an event for the connection's life", [$"event: ping\ndata: {{}}\n\ndata: {Text}\n\ndata: {Last}\n\n"] },
    };

    [Theory, MemberData(nameof(Streams))]
    public async Task Stream_IsRead_HoweverItIsFramed(string how, string[] pieces)
    {
        Assert.NotEmpty(how);
        Assert.Equal("text 'Hello' | completed", await PlayAsync(new RawAnswer(pieces)));
        Assert.Equal("text 'Hello' | completed", await PlayAsync(
            new RawAnswer([.. string.Concat(pieces).Select(one => one.ToString())])));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/json")]
    public async Task PackedAnswer_IsUnpacked(string type) => Assert.Equal("text 'Hello' | completed",
        await PlayAsync(new RawAnswer([type == "application/json" ? Whole : $"data: {Text}\n\ndata: {Last}\n\n"])
        { ContentType = type, Encoding = "gzip", Pack = RawAnswer.Gzip }));

    [Theory]
    [InlineData("application/json", "")]
    [InlineData("application/json; charset=utf-8", "\n")]
    [InlineData("text/event-stream", "\n\n")]
    [InlineData("text/plain", "")]
    [InlineData(null, "\r\n")]
    public async Task JsonAnswer_IsTaken_WhereAStreamWasAskedFor(string? type, string end)
    {
        Assert.Equal("text 'Hello' | completed", await PlayAsync(new RawAnswer([Whole + end]) { ContentType = type }));
        var pretty = Whole.Replace(",", ",\n  ", StringComparison.Ordinal).Replace("{", "{\n", StringComparison.Ordinal);
        Assert.Equal("text 'Hello' | completed", await PlayAsync(new RawAnswer([pretty + end]) { ContentType = type }));
    }

    [Theory]
    [InlineData("Application/JSON")]
    [InlineData("application/jsonl")]
    [InlineData("Text/Event-Stream")]
    public async Task JsonAnswer_IsTaken_HoweverItsTypeIsWritten(string type) => Assert.Equal("text 'Hello' | completed",
        await PlayAsync(new RawAnswer([Whole]) { ContentType = type }));

    /// <summary>As older builds of llama-server send them.</summary>
    [Theory]
    [InlineData("""error: {"code":400,"message":"the request exceeds the available context size","type":"odd"}""", "failed (400)")]
    [InlineData("""error: {"code":429,"message":"no","type":"odd"}""", "failed (429)")]
    [InlineData("error: none\n\n", "failed (502)")]
    public async Task ErrorInAFieldOfItsOwn_IsAnError(string line, string expected)
    {
        Assert.Equal(expected, await PlayAsync(new RawAnswer([line + "\n\n"])));
        Assert.Equal(expected, await PlayAsync(new RawAnswer([line])));
        const string broken = """error: {"code":500,"message":"no"}""";
        Assert.EndsWith("failed (502)", await PlayAsync(new RawAnswer([$"data: {Text}\n{broken}\n\n"])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":null,"content":"","tool_calls":null}""")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task JsonAnswer_IsTaken_WhereAnEmptyDeltaStandsBesideItsMessage(string delta)
    {
        var answer = Whole.Replace("\"message\"", $"\"delta\":{delta},\"message\"", StringComparison.Ordinal);
        Assert.Equal("text 'Hello' | completed", await PlayAsync(new RawAnswer([answer]) { ContentType = "application/json" }));
    }

    [Theory]
    [InlineData("""{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],""" +
        """ "stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}""", "messages", "text 'Hello' | completed")]
    [InlineData("""{"type":"message","content":[{"type":"tool_use","id":"t","name":"look","input":{"q":"x"}}],"stop_reason":"tool_use"}""",
        "messages", """look({"q":"x"}) | completed""")]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"no"}}""", "messages", "failed (502)")]
    [InlineData("""{"object":"response","id":"r","model":"m","status":"completed","output":[{"type":"message",""" +
        """ "role":"assistant","content":[{"type":"output_text","text":"Hello"}]}],"error":null}""",
        "responses-http", "text 'Hello' | completed")]
    [InlineData("""{"object":"response","id":"r","status":"failed","output":[],"error":{"code":"server_error","message":"no"}}""",
        "responses-http", "failed (502)")]
    public async Task JsonAnswer_IsTaken_InEveryProtocol(string answer, string kind, string expected) =>
        Assert.Equal(expected, await PlayAsync(new RawAnswer([answer]) { ContentType = "application/json" }, kind));

    [Theory]
    [InlineData("event: message_start\ndata: {\"message\":{\"model\":\"m\"}}\n\nevent: content_block_start\ndata: {\"index\":0," +
        "\"content_block\":{\"type\":\"text\",\"text\":\"Hello\"}}\n\nevent: content_block_stop\ndata: {\"index\":0}\n\n" +
        "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\"}}\n\nevent: message_stop\ndata: {}\n\n", "messages")]
    [InlineData("event: response.created\ndata: {\"response\":{\"id\":\"r\"}}\n\nevent: response.completed\n" +
        "data: {\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[{\"type\":\"message\"," +
        "\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello\"}]}]}}\n\n", "responses-http")]
    public async Task TypeOfAnEvent_IsTakenFromItsLine_WhereTheDataHasNone(string stream, string kind) =>
        Assert.Equal("text 'Hello' | completed", await PlayAsync(new RawAnswer([stream]), kind));

    /// <summary>The words are what there is of the error: they are told, not that they are no JSON.</summary>
    [Theory]
    [InlineData("event: error\ndata: prompt is too long: 9 tokens > 8 maximum\n\n")]
    [InlineData("event: error\ndata: \"prompt is too long: 9 tokens > 8 maximum\"\n\n")]
    [InlineData("event: error\ndata: prompt is too long: 9 tokens > 8 maximum")]
    [InlineData("error: prompt is too long: 9 tokens > 8 maximum\n\n")]
    public async Task ErrorInPlainWords_IsAnErrorInTheseWords(string frame)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        upstream.Raw = new RawAnswer([frame]);
        var error = (await gateway.TurnAsync(null, TestGateway.User("go"))).Error!;
        Assert.Equal(("context_length_exceeded", 400), (error.Kind.Code, error.Kind.Status));
    }

    [Fact]
    public async Task ErrorThatIsOneByItsLineAlone_EndsTheTurn() => Assert.EndsWith("failed (502)",
        await PlayAsync(new RawAnswer([$"data: {Text}\n\nevent: error\ndata: {{\"reason\":\"it broke\"}}\n\n"])), StringComparison.Ordinal);

    [Theory]
    [InlineData("text/html", "<html>502</html>")]
    [InlineData("application/json", "{\"choices\":[{\"mess")]
    [InlineData("text/event-stream", "")]
    public async Task WhatIsNoAnswer_IsTheUpstreamsFault(string type, string body) =>
        Assert.Equal("failed (502)", await PlayAsync(new RawAnswer([body]) { ContentType = type }));

    [Fact]
    public async Task LastEventThatIsCut_IsALostConnection() =>
        Assert.EndsWith("failed (502)", await PlayAsync(new RawAnswer([$"data: {Text}\n\n", $"data: {Last[..^9]}"])),
            StringComparison.Ordinal);

    [Fact]
    public async Task ConnectionCutBehindTheWholeAnswer_SpoilsNothing()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gate = upstream.Gate = new SemaphoreSlim(0);
        upstream.Raw = new RawAnswer([$"data: {Text}\n\n", $"data: {Last}\n\n"]) { IsCut = true };
        var options = TestGateway.Options("chat", upstream);
        options.FinishTimeMax = TimeSpan.FromMinutes(1); // so that the cut ends it
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), onEvent: seen =>
        {
            if (seen is BackendEvent.Delta { Text: "lo" }) gate.Release();
        });
        Assert.Equal("text 'Hello' | completed", Outline(result));
    }

    [Theory]
    [InlineData("{\n  \"error\": {\"code\": 429, \"message\": \"no\"}\n}\n", "failed (429)")]
    [InlineData("[{\n  \"error\": {\"code\": 429, \"message\": \"no\"}\n}\n]\n", "failed (429)")]
    [InlineData("{\"error\": {\"code\": 429, \"message\": \"no\"}}\n", "failed (429)")]
    public async Task ErrorInLinesOfItsOwn_BehindEvents_IsAnError(string error, string expected)
    {
        Assert.EndsWith(expected, await PlayAsync(new RawAnswer([$"data: {Text}\n\n", error])), StringComparison.Ordinal);
        Assert.EndsWith(expected, await PlayAsync(new RawAnswer([$"{Text}\n", error])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LineOfJsonThatIsBroken_IsNotLeftOut() => Assert.EndsWith("failed (502)",
        await PlayAsync(new RawAnswer([$"{Text}\n{Text[..^4]}\n{Last}\n"])), StringComparison.Ordinal);

    [Fact]
    public async Task ErrorInAnArray_IsAnError() => Assert.Equal("failed (429)", await PlayAsync(
        new RawAnswer(["[{\n  \"error\": {\"code\": 429, \"message\": \"no\", \"status\": \"RESOURCE_EXHAUSTED\"}\n}\n]\n"])
            { ContentType = "application/json" }));

    [Fact]
    public async Task ReasonBehindTheTextInOneLine_IsNotLost() => Assert.Equal("!text 'Hel' | incomplete (max_output_tokens)",
        await PlayAsync(new RawAnswer([$"data: {Text}{End("length")}\n\ndata: [DONE]\n\n"])));

    [Fact]
    public async Task WhatStandsBehindAnEvent_IsNotLeftOut() => Assert.EndsWith("failed (502)",
        await PlayAsync(new RawAnswer([$"data: {Last} and more\n\ndata: [DONE]\n\n"])), StringComparison.Ordinal);

    [Theory]
    [InlineData("}{")]
    [InlineData("} {\\\"a\\\":1}, {")]
    [InlineData("}data: {}")]
    public async Task BracesInsideAText_AreOfIt(string text) => Assert.Equal(
        $"text '{text.Replace("\\", "", StringComparison.Ordinal)}' | completed", await PlayAsync(
            new RawAnswer([$"data: {Delta($$"""{"content":"{{text}}"}""", "stop")}\n\n"])));
}
