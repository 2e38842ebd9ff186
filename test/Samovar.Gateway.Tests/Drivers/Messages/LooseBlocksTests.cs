using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Servers of the Messages API that leave out ends, mix kinds or run blocks side by side: each answer is what was meant.</summary>
public sealed class LooseBlocksTests
{
    private const string Text = """{"type":"text","text":""}""", Thinking = """{"type":"thinking","thinking":""}""";
    private const string Stop = """{"type":"message_stop"}""";
    private static readonly string Begun = Head("""{"input_tokens":10,"cache_read_input_tokens":4,"output_tokens":1}""");

    [Fact]
    public void BlocksWithoutEnds_EndWhereTheNextBegins()
    {
        var seen = Relay([Begun, Begin(0, Text), Say(0, "Hello"), Begin(1, Use("look")), Input(1, "{\"q\":1}"), End("tool_use"), Stop]);
        Assert.Equal(["message Hello", """function_call {"q":1}"""], Items(seen));
    }

    [Theory]
    [InlineData("end_turn", "completed")]
    [InlineData("tool_use", "completed")]
    [InlineData("max_tokens", "incomplete")]
    public void StreamWithoutLastEvent_IsOver_WhenItsReasonWasSaid(string reason, string status)
    {
        var reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in new[] { Begun, Begin(0, Text), Say(0, "Hel") }) reader.Read(RawJson.Of(json), events);
        Assert.False(reader.IsFinished);
        reader.Read(RawJson.Of(End(reason)), events);
        Assert.True(reader.IsFinished);
        reader.End(events);
        Assert.Equal(status == "incomplete" ? "max_output_tokens" : null, reader.IncompleteReason);
    }

    [Theory]
    [InlineData("max_tokens", "max_output_tokens", "incomplete")]
    [InlineData("model_context_window_exceeded", "max_output_tokens", "incomplete")]
    [InlineData("refusal", "content_filter", "incomplete")]
    [InlineData("stop_sequence", null, "completed")]
    [InlineData("end_turn", null, "completed")]
    public void LastBlock_IsAsWholeAsTheAnswer(string reason, string? why, string status)
    {
        var seen = Relay([Begun, Begin(0, Text), Say(0, "a"), Over(0), Begin(1, Text), Say(1, "b"), Over(1), End(reason), Stop],
            out var reader);
        Assert.Equal(why, reader.IncompleteReason);
        Assert.Equal(["completed", status], Done(seen).Select(item => item.GetProperty("status").GetString()));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("network_error")]
    [InlineData("what_is_this")]
    public void AnswersThatBroke_AreTheUpstreamsFault(string reason) => Assert.Equal(FaultKind.Server,
        Assert.Throws<UpstreamException>(() => Relay([Begun, Begin(0, Text), Say(0, "a"), End(reason), Stop])).Fault.Kind);

    [Theory]
    [InlineData("{\"q\":1}", "", "{\"q\":1}")]
    [InlineData("{\"q\":1}", "{\"q\":2}", "{\"q\":2}")]
    [InlineData("{}", "", "{}")]
    [InlineData("{}", "{\"q\":2}", "{\"q\":2}")]
    [InlineData("\"{\\\"q\\\":1}\"", "", "{\"q\":1}")]
    [InlineData("null", "", "{}")]
    public void InputInTheBeginning_Counts_WhereNoneFollows(string begun, string deltas, string right)
    {
        var seen = Relay([Begun, Begin(0, Use("look", begun)), .. deltas.Length > 0 ? [Input(0, deltas)] : Array.Empty<string>(), Over(0),
            End("tool_use"), Stop]);
        Assert.Equal(["function_call " + right], Items(seen));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("inside")]
    [InlineData("behind")]
    public void TextInACallsBlock_IsAMessage_AndTheArgumentsStayWhole(string place)
    {
        string[] input = place switch
        {
            "before" => [Say(0, "so"), Input(0, "{\"q\":1}")],
            "inside" => [Input(0, "{\"q\""), Say(0, "so"), Input(0, ":1}")],
            _ => [Input(0, "{\"q\":1}"), Say(0, "so")],
        };
        var seen = Relay([Begun, Begin(0, Use("look")), .. input, Over(0), End("tool_use"), Stop]);
        Assert.Equal(["""function_call {"q":1}""", "message so"], Items(seen));
    }

    [Fact]
    public void ArgumentsThatAreAnObject_AreTheCalls() => Assert.Equal(["""function_call {"q":1}"""], Items(Relay([Begun,
        Begin(0, Use("look")), Delta(0, """{"type":"input_json_delta","partial_json":{"q":1}}"""), Over(0), End("tool_use"), Stop])));

    [Fact]
    public void ThoughtInATextBlock_IsAThought()
    {
        var seen = Relay([Begun, Begin(0, Text), Think(0, "hm"), Say(0, "Hello"), Over(0), End("end_turn"), Stop]);
        Assert.Equal(["reasoning hm", "message Hello"], Items(seen));
    }

    [Fact]
    public void TextInAThoughtsBlock_IsAMessage()
    {
        var seen = Relay([Begun, Begin(0, Thinking), Think(0, "hm"), Say(0, "Hello"), Over(0), End("end_turn"), Stop]);
        Assert.Equal(["reasoning hm", "message Hello"], Items(seen));
    }

    [Fact]
    public void CallsSideBySide_ComeOutOneAfterAnother()
    {
        var seen = Relay([Begun, Begin(0, Use("a")), Begin(1, Use("b")), Input(1, "{\"b\""), Input(0, "{\"a\""), Input(1, ":1}"),
            Input(0, ":1}"), Over(1), Over(0), End("tool_use"), Stop]);
        Assert.Equal(["""function_call {"a":1}""", """function_call {"b":1}"""], Items(seen));
    }

    [Theory]
    [InlineData("0 0 0")]
    [InlineData("5 9 12")]
    [InlineData("2 1 0")]
    [InlineData("- - -")]
    public void Places_AreNoMoreThanHints(string places)
    {
        var at = places.Split(' ').Select(place => place == "-" ? (int?)null : int.Parse(place)).ToList();
        var seen = Relay([Begun, Begin(at[0], Thinking), Think(at[0], "hm"), Over(at[0]),
            Begin(at[1], Text), Say(at[1], "Hello"), Over(at[1]),
            Begin(at[2], Use("look")), Input(at[2], "{\"q\":1}"), Over(at[2]), End("tool_use"), Stop]);
        Assert.Equal(["reasoning hm", "message Hello", """function_call {"q":1}"""], Items(seen));
    }

    [Fact]
    public void ArgumentsUnderAnotherBlocksPlace_BelongToTheCall()
    {
        var seen = Relay([Begun, Begin(0, Text), Say(0, "Hello"), Over(0), Begin(1, Use("look")), Input(0, "{\"q\":1}"), Over(1),
            End("tool_use"), Stop]);
        Assert.Equal(["message Hello", """function_call {"q":1}"""], Items(seen));
    }

    [Fact]
    public void CallThatNeverEnds_IsIncomplete_WhateverTheReason()
    {
        var seen = Relay([Begun, Begin(0, Use("look")), Input(0, "{\"q\":\"x"), Over(0), End("tool_use"), Stop], out var reader);
        Assert.Equal("incomplete", Assert.Single(Done(seen)).GetProperty("status").GetString());
        Assert.Equal("max_output_tokens", reader.IncompleteReason);
    }

    [Fact]
    public void CallWithoutAName_IsTheUpstreamsFault() => Assert.Equal(FaultKind.Malformed,
        Assert.Throws<UpstreamException>(() => Relay([Begun, Begin(0, """{"type":"tool_use","id":"t","input":{}}""")])).Fault.Kind);

    [Fact]
    public void ArgumentsOfNoCall_AreTheUpstreamsFault() => Assert.Equal(FaultKind.Malformed,
        Assert.Throws<UpstreamException>(() => Relay([Begun, Begin(0, Text), Input(0, "{\"q\":1}")])).Fault.Kind);

    [Fact]
    public void CallsWithOneId_GetTwo()
    {
        var seen = Relay([Begun, Begin(0, Use("a")), Over(0), Begin(1, Use("b")), Over(1), End("tool_use"), Stop]);
        Assert.Equal(2, Done(seen).Select(item => item.GetProperty("call_id").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void DeltasThatNothingAnnounced_AreWhatTheyHave()
    {
        var seen = Relay(["""{"type":"content_block_delta","delta":{"thinking":"hm"}}""",
            """{"type":"content_block_delta","delta":{"text":"Hello"}}""", """{"type":"message_stop","stop_reason":"end_turn"}"""]);
        Assert.Equal(["reasoning hm", "message Hello"], Items(seen));
    }

    [Fact]
    public void PingsAndKindsToCome_ChangeNothing()
    {
        const string ping = """{"type":"ping"}""", odd = """{"type":"weather","sky":"blue"}""";
        var seen = Relay([ping, Begun, ping, Begin(0, Text), ping, Say(0, "Hel"), odd, Say(0, "lo"), Over(0), ping, End("end_turn"),
            Stop]);
        Assert.Equal(["message Hello"], Items(seen));
    }

    [Fact]
    public void BlocksOfTheProvidersTools_AreCarriedWhole()
    {
        const string found =
            """{"type":"web_search_tool_result","tool_use_id":"srv_1","content":[{"type":"web_search_result","url":"u"}]}""";
        var seen = Relay([Begun, Begin(0, """{"type":"server_tool_use","id":"srv_1","name":"web_search","input":{}}"""),
            Input(0, "{\"query\":"), Input(0, "\"x\"}"), Over(0), Begin(1, found), Over(1), Begin(2, Text), Say(2, "Found."), Over(2),
            Begin(3, """{"type":"compaction","content":""}"""), Delta(3, """{"type":"compaction_delta","content":"So \ud83d"}"""),
            Delta(3, """{"type":"compaction_delta","content":"\ude00"}"""), Delta(3, """{"type":"later_delta","more":{"a":1}}"""),
            Over(3), End("end_turn"), Stop]);
        var items = Done(seen);
        Assert.Equal("""{"type":"compaction","content":"So \uD83D\uDE00","more":{"a":1}}""",
            items[3].GetProperty("block").GetRawText());
        Assert.Equal(["messages_block", "messages_block", "message", "messages_block"],
            items.Select(item => item.GetProperty("type").GetString()));
        Assert.Equal("""{"query":"x"}""", items[0].GetProperty("block").GetProperty("input").GetRawText());
        Assert.Equal(found, items[1].GetProperty("block").GetRawText());
    }

    [Fact]
    public void TextInABlockOfAKindToCome_IsAMessage()
    {
        var seen = Relay([Begun, Begin(0, """{"type":"answer"}"""), Say(0, "Hello"), Over(0), End("end_turn"), Stop]);
        Assert.Equal(["message Hello"], Items(seen));
    }

    [Fact]
    public void WholeMessage_InsteadOfAStream_IsReadAsOne()
    {
        var seen = Relay(["""{"type":"message","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},""" +
            """{"type":"text","text":"Hello"},{"type":"tool_use","id":"t","name":"look","input":{"q":1}}],"stop_reason":"tool_use",""" +
            """ "usage":{"input_tokens":10,"output_tokens":5}}"""], out var reader);
        Assert.Equal(["reasoning hm", "message Hello", """function_call {"q":1}"""], Items(seen));
        Assert.Equal((10, 5), (reader.Usage!.InputTokens, reader.Usage.OutputTokens));
    }

    [Theory]
    [InlineData("\"Hello\"")]
    [InlineData("""{"type":"text","text":"Hello"}""")]
    [InlineData("""[{"type":"text","text":"Hello"}]""")]
    public void WholeMessage_MayHaveATextOrOneBlock_InPlaceOfAList(string content) => Assert.Equal(["message Hello"], Items(Relay(
        [$$$"""{"type":"message","model":"m","content":{{{content}}},"stop_reason":"end_turn","usage":{"output_tokens":1}}"""])));

    [Theory]
    [InlineData("", "", null)]
    [InlineData("\"input_tokens\":0,\"output_tokens\":0", "\"output_tokens\":0", null)]
    [InlineData("\"input_tokens\":10,\"cache_read_input_tokens\":4,\"output_tokens\":1", "\"output_tokens\":5", "14 4 5")]
    [InlineData("\"input_tokens\":10,\"output_tokens\":1", "\"input_tokens\":0,\"output_tokens\":5", "10 0 5")]
    [InlineData("\"input_tokens\":0,\"output_tokens\":0", "\"input_tokens\":9,\"output_tokens\":5", "9 0 5")]
    public void Usage_IsWhatWasSaid(string start, string end, string? right)
    {
        var call = Calls.Of("messages");
        var reader = new MessagesReader(call, new IdSource());
        var events = new List<BackendEvent>();
        reader.Read(RawJson.Of(Head("{" + start + "}")), events);
        var begun = Assert.IsType<BackendEvent.Accepted>(Assert.Single(events)).Usage;
        Assert.Equal(start.Length > 0 && !start.Contains(":0,", StringComparison.Ordinal), begun is not null);
        foreach (var json in new[] { Begin(0, Text), Say(0, "a"), $$$"""{"type":"message_delta","usage":{ {{{end}}} }}""" })
            reader.Read(RawJson.Of(json), events);
        Assert.Equal(right, Show(call.Usage)); // also for a turn that is cancelled now
        reader.Read(RawJson.Of(Stop), events);
        Assert.Equal(right, Show(reader.Usage));
    }

    private static string? Show(Usage? usage) =>
        usage is null ? null : $"{usage.InputTokens} {usage.CachedTokens} {usage.OutputTokens}";

    private static string Head(string usage) =>
        $$$"""{"type":"message_start","message":{"id":"m","model":"m","content":[],"usage":{{{usage}}} }}""";

    private static string Begin(int? index, string block) =>
        $$$"""{"type":"content_block_start",{{{At(index)}}}"content_block":{{{block}}} }""";

    private static string Use(string name, string input = "{}") =>
        $$"""{"type":"tool_use","id":"t","name":"{{name}}","input":{{input}} }""";

    private static string Say(int? index, string text) => Delta(index, $$"""{"type":"text_delta","text":"{{text}}"}""");

    private static string Think(int? index, string text) => Delta(index, $$"""{"type":"thinking_delta","thinking":"{{text}}"}""");

    private static string Input(int? index, string json) =>
        Delta(index, $$"""{"type":"input_json_delta","partial_json":{{JsonSerializer.Serialize(json)}}}""");

    private static string Delta(int? index, string delta) => $$$"""{"type":"content_block_delta",{{{At(index)}}}"delta":{{{delta}}} }""";

    private static string Over(int? index) => $$"""{"type":"content_block_stop",{{At(index)}}"x":0}""";

    private static string At(int? index) => index is null ? "" : $"\"index\":{index},";

    private static string End(string reason) =>
        $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}"},"usage":{"output_tokens":5}}""";

    private static List<JsonElement> Relay(IEnumerable<string> stream) => Relay(stream, out _);

    /// <summary>From the upstream's events to what the client reads.</summary>
    private static List<JsonElement> Relay(IEnumerable<string> stream, out MessagesReader reader)
    {
        reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(RawJson.Of(json), events);
        Assert.True(reader.IsEnded);
        var seen = new List<JsonElement>();
        var fold = new ResponseFold(new IdSource(), 100, e => seen.Add(
            JsonDocument.Parse(Encoding.UTF8.GetString(EventWriter.Write(e, seen.Count, ResponseEventOptions.Default).Span)).RootElement));
        foreach (var e in events.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        fold.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason));
        return seen;
    }

    private static List<JsonElement> Done(IEnumerable<JsonElement> seen) => [.. seen
        .Where(e => e.GetProperty("type").GetString() == "response.output_item.done").Select(e => e.GetProperty("item"))];

    private static List<string> Items(IEnumerable<JsonElement> seen) =>
        [.. Done(seen).Select(item => $"{item.GetProperty("type").GetString()} " + (item.TryGetProperty("arguments", out var arguments)
            ? arguments.GetString()
            : string.Concat(item.GetProperty("content").EnumerateArray().Select(part => part.GetProperty("text").GetString()))))];
}
