using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Upstreams that say an item's id or place wrongly, twice or not at all: each item is reported once, and whole.</summary>
public sealed class LooseItemsTests
{
    private const string Thought =
        """{"id":"rs_1","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}""";
    private const string Message = """{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":""" +
        """[{"type":"output_text","text":"Hello","annotations":[]}]}""";
    private const string Call =
        """{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"look","arguments":"{\"q\":1}"}""";

    /// <summary>What a stream of a thought, a message and a call may do to the ids and places of its items.</summary>
    public static TheoryData<string, string> Habits => new()
    {
        { "places as they should be", "i0 i1 i2" },
        { "all at place 0", "all0" },
        { "counted from 1", "from1" },
        { "no places", "none" },
        { "no places and no ids", "none noids" },
        { "all at place 0 and no ids", "all0 noids" },
        { "places that shift between beginning and end", "shift" },
        { "places that shift, and no ids", "shift noids" },
        { "another id in every event", "i0 i1 i2 newids" },
        { "one id for all items", "i0 i1 i2 oneid" },
        { "one id for all items, at place 0", "all0 oneid" },
        { "no ends", "i0 i1 i2 nodone" },
        { "no ends and no places", "none nodone" },
        { "no beginnings", "i0 i1 i2 noadded" },
        { "no beginnings and no places", "none noadded" },
        { "only ends", "i0 i1 i2 noadded nodeltas" },
        { "only the first delta of each", "i0 i1 i2 halfdeltas" },
        { "only the first deltas, and no ends", "i0 i1 i2 halfdeltas nodone" },
        { "beginnings twice", "i0 i1 i2 twice" },
        { "beginnings twice, without ids", "i0 i1 i2 twice noids" },
        { "ends twice", "i0 i1 i2 donetwice" },
    };

    [Theory, MemberData(nameof(Habits))]
    public void Items_AreSentOnce_WithTheDeltasThatMakeThem(string habit, string how)
    {
        var seen = Relay([.. Stream(how), Completed($"{Thought},{Message},{Call}")]);
        Assert.True(Texts(seen).SequenceEqual(["reasoning hm", "message Hello", """function_call {"q":1}"""]),
            $"{habit}: {string.Join(" | ", Texts(seen))}");
        Check(seen);
    }

    [Theory, MemberData(nameof(Habits))]
    public void StreamedItems_Stay_WhenTheTerminalEventHasNone(string habit, string how)
    {
        if (how.Contains("halfdeltas nodone", StringComparison.Ordinal)) return; // nobody says the rest then
        if (how.Contains("noadded", StringComparison.Ordinal) && how.Contains("nodone", StringComparison.Ordinal)) return;
        var seen = Relay([.. Stream(how), Completed("")]);
        Assert.True(Texts(seen).SequenceEqual(["reasoning hm", "message Hello", """function_call {"q":1}"""]),
            $"{habit}: {string.Join(" | ", Texts(seen))}");
        Check(seen);
    }

    [Fact]
    public void DeltasWithoutPlaces_ComeOutAsTheyComeIn()
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var counts = new List<int>();
        foreach (var json in Stream("none"))
        {
            var events = new List<BackendEvent>();
            reader.Read(RawJson.Of(json), events);
            counts.Add(events.OfType<BackendEvent.Delta>().Count());
        }
        Assert.Equal(5, counts.Count(count => count == 1));
    }

    [Fact]
    public void WhatOnlyTheTerminalEventHas_IsReported()
    {
        var other = Message.Replace("msg_1", "msg_2", StringComparison.Ordinal).Replace("Hello", "Bye", StringComparison.Ordinal);
        var seen = Relay([.. Stream("i0 i1 i2").Where(json => json.Contains("msg_1", StringComparison.Ordinal)),
            Completed($"{Thought},{Message},{other},{Call}")]);
        Assert.Equal(["message Hello", "reasoning hm", "message Bye", """function_call {"q":1}"""], Texts(seen));
        Check(seen);
    }

    [Fact]
    public void ItemsAtOnce_WithoutPlaces_EndInTheOrderOfTheirBeginning()
    {
        string Added(string id) => $$$"""{"type":"response.output_item.added","item":{"id":"{{{id}}}","type":"function_call",""" +
            $$$""" "call_id":"c_{{{id}}}","name":"look","arguments":""}}""";
        string Delta(string id) => $$$"""{"type":"response.function_call_arguments.delta","item_id":"{{{id}}}",""" +
            $$$""" "delta":"{\"id\":\"{{{id}}}\"}"}""";
        string Done(string id) => $$$"""{"type":"response.output_item.done","item":{"id":"{{{id}}}","type":"function_call",""" +
            $$$""" "call_id":"c_{{{id}}}","name":"look","arguments":"{\"id\":\"{{{id}}}\"}","status":"completed"}}""";
        var seen = Relay([Added("a"), Added("b"), Delta("b"), Delta("a"), Done("b"), Done("a"), Completed("")]);
        Assert.Equal(["""function_call {"id":"a"}""", """function_call {"id":"b"}"""], Texts(seen));
        Check(seen);
    }

    [Fact]
    public void ThoughtInsideAMessage_BecomesAnItemOfItsOwn()
    {
        var seen = Relay(
        [
            """{"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message","role":"assistant"}}""",
            """{"type":"response.reasoning_summary_text.delta","output_index":0,"item_id":"m","summary_index":0,"delta":"hm"}""",
            """{"type":"response.output_text.delta","output_index":0,"item_id":"m","content_index":0,"delta":"Hello"}""",
            """{"type":"response.output_item.done","item":""" + Message.Replace("msg_1", "m", StringComparison.Ordinal) + "}",
            Completed(""),
        ]);
        Assert.Equal(["message Hello", "reasoning hm"], Texts(seen));
        Check(seen);
    }

    [Theory]
    [InlineData("0 0 1 1", "ab|cd")]
    [InlineData("1 1 2 2", "ab|cd")]
    [InlineData("2 2 0 0", "ab|cd")]
    [InlineData("0 1 0 1", "a|b|c|d")]
    public void SummaryParts_AreCountedInTheirOwnOrder(string places, string parts)
    {
        var deltas = places.Split(' ').Zip("abcd", (place, letter) =>
            $$"""{"type":"response.reasoning_summary_text.delta","item_id":"rs","summary_index":{{place}},"delta":"{{letter}}"}""");
        var seen = Relay([.. deltas, Completed("")]);
        Assert.Equal(parts.Split('|'), seen.Where(e => TypeOf(e) == "response.reasoning_summary_part.done")
            .Select(e => e.GetProperty("part").GetProperty("text").GetString()));
        Check(seen);
    }

    [Fact]
    public void SummaryBehindText_AndTextBehindSummary_AreBothSent()
    {
        string Summary(string text) =>
            $$"""{"type":"response.reasoning_summary_text.delta","output_index":0,"item_id":"rs","summary_index":0,"delta":"{{text}}"}""";
        var seen = Relay([Summary("a"), """{"type":"response.reasoning_text.delta","output_index":0,"item_id":"rs","delta":"x"}""",
            Summary("b"), Completed("")]);
        var item = Assert.Single(seen, e => TypeOf(e) == "response.output_item.done").GetProperty("item");
        Assert.Equal(["a", "b"], item.GetProperty("summary").EnumerateArray().Select(part => part.GetProperty("text").GetString()));
        Assert.Equal("x", TextOf(item));
    }

    [Theory]
    [InlineData("""{"type":"message","id":"msg_1","role":"assistant","status":"completed"}""", "no content")]
    [InlineData("""{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hello","annotations":[]}]}""", "no role")]
    [InlineData("""{"type":"message","id":"msg_1","role":"assistant","content":"Hello"}""", "text instead of parts")]
    [InlineData("""{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"text","text":"Hello"}]}""", "parts of Chat")]
    [InlineData("""{"id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[]}]}""", "no type")]
    [InlineData("""{"type":"message","id":"msg_1","role":"assistant","status":"in_progress","content":""" +
        """[{"type":"output_text","text":"Hello","annotations":[]}]}""", "not ended")]
    public void FinalMessage_ThatLacksSomething_IsTheOneThatWasStreamed(string final, string what)
    {
        var seen = Relay([.. Stream("i0 i1 i2").Where(json => json.Contains("msg_1", StringComparison.Ordinal) && !IsDone(json)),
            $$$"""{"type":"response.output_item.done","output_index":1,"item":{{{final}}}}""", Completed("")]);
        var item = Assert.Single(seen, e => TypeOf(e) == "response.output_item.done").GetProperty("item");
        Assert.True(item.GetProperty("content")[0].GetProperty("type").GetString() == "output_text", what);
        Assert.Equal(("Hello", "assistant", "completed", "message"), (item.GetProperty("content")[0].GetProperty("text").GetString(),
            item.GetProperty("role").GetString(), item.GetProperty("status").GetString(), item.GetProperty("type").GetString()));
        Check(seen);
    }

    [Theory]
    [InlineData("\"\"", "{}")]
    [InlineData("null", "{}")]
    [InlineData("""{"q":1}""", """{"q":1}""")]
    [InlineData("\"{\\\"q\\\":1}\"", """{"q":1}""")]
    public void Arguments_OfACallThatWasNotStreamed_AreAnObject(string arguments, string right)
    {
        var seen = Relay([$$$"""{"type":"response.output_item.done","item":{"type":"function_call","name":"look","call_id":"c",""" +
            $$$""" "arguments":{{{arguments}}}}}""", Completed("")]);
        Assert.Equal(["function_call " + right], Texts(seen));
        Check(seen);
    }

    [Fact]
    public void CallThatWasCut_IsIncomplete()
    {
        var cut = Call.Replace("\\\"q\\\":1}", "\\\"q\\\":", StringComparison.Ordinal);
        var seen = Relay([.. Stream("i0 i1 i2 halfdeltas nodone").Where(json => json.Contains("fc_1", StringComparison.Ordinal)),
            $$$"""{"type":"response.incomplete","response":{"id":"r","status":"incomplete","output":[{{{cut}}}]}}"""]);
        var item = Assert.Single(seen, e => TypeOf(e) == "response.output_item.done").GetProperty("item");
        Assert.Equal("incomplete", item.GetProperty("status").GetString());
        Check(seen);
    }

    [Theory]
    [InlineData("""{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc","delta":"{}"}""")]
    [InlineData("""{"type":"response.output_item.done","item":{"type":"function_call","id":"fc","call_id":"c","arguments":"{}"}}""")]
    public void CallThatNobodyNames_IsTheUpstreamsFault(string json) =>
        Assert.Equal(FaultKind.Malformed, Assert.Throws<UpstreamException>(() => Relay([json, Completed("")])).Fault.Kind);

    [Fact]
    public void WholeResponse_InsteadOfAStream_IsReadAsOne() => Assert.Equal(
        ["reasoning hm", "message Hello", """function_call {"q":1}"""],
        Texts(Relay([$$$"""{"object":"response","status":"completed","output":[{{{Thought}}},{{{Message}}},{{{Call}}}]}"""])));

    /// <summary>A thought, a message and a call, streamed as upstreams with a habit do.</summary>
    private static List<string> Stream(string how)
    {
        var words = how.Split(' ');
        bool Has(string word) => words.Contains(word, StringComparer.Ordinal);
        var stream = new List<string> { """{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}""" };
        (string Item, string Begun, string Delta, string[] Deltas)[] items =
        [
            (Thought, """{"id":"rs_1","type":"reasoning","summary":[]}""", "reasoning_text", ["hm"]),
            (Message, """{"id":"msg_1","type":"message","role":"assistant","content":[]}""", "output_text", ["Hel", "lo"]),
            (Call, """{"id":"fc_1","type":"function_call","call_id":"call_1","name":"look","arguments":""}""", "function_call_arguments",
                ["{\"q\"", ":1}"]),
        ];
        var renamed = 0;
        for (var at = 0; at < items.Length; at++)
        {
            var (item, begun, kind, deltas) = items[at];
            var id = JsonDocument.Parse(item).RootElement.GetProperty("id").GetString()!;
            string Named(string json) => Has("noids") ? json.Replace($"\"id\":\"{id}\",", "", StringComparison.Ordinal)
                : Has("oneid") ? json.Replace(id, "one", StringComparison.Ordinal)
                : Has("newids") ? json.Replace(id, $"{id}_{renamed++}", StringComparison.Ordinal) : json;
            string Place(bool isEnd) => Has("none") ? "" : Has("all0") ? "\"output_index\":0,"
                : $"\"output_index\":{at + (Has("from1") || (Has("shift") && isEnd) ? 1 : 0)},";
            var added = Named($$$"""{"type":"response.output_item.added",{{{Place(false)}}}"item":{{{begun}}}}""");
            if (!Has("noadded")) stream.Add(added);
            if (!Has("noadded") && Has("twice")) stream.Add(added);
            foreach (var delta in Has("nodeltas") ? [] : Has("halfdeltas") ? deltas[..1] : deltas)
            {
                var itemId = Has("noids") ? "" : Named($"\"item_id\":\"{id}\",");
                var text = JsonSerializer.Serialize(delta);
                stream.Add($$"""{"type":"response.{{kind}}.delta",{{Place(false)}}{{itemId}}"delta":{{text}}}""");
            }
            if (Has("nodone")) continue;
            var done = Named($$$"""{"type":"response.output_item.done",{{{Place(true)}}}"item":{{{item}}}}""");
            stream.Add(done);
            if (Has("donetwice")) stream.Add(done);
        }
        return stream;
    }

    private static string Completed(string output) => """{"type":"response.completed","response":{"id":"r","status":"completed",""" +
        "\"usage\":{\"input_tokens\":10,\"output_tokens\":5},\"output\":[" + output + "]}}";

    private static bool IsDone(string json) => json.Contains("output_item.done", StringComparison.Ordinal);

    private static (ResponsesReader Reader, List<BackendEvent> Events) Read(IEnumerable<string> stream)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(RawJson.Of(json), events);
        return (reader, events);
    }

    /// <summary>From the upstream's events to what the client reads.</summary>
    private static List<JsonElement> Relay(IEnumerable<string> stream)
    {
        var (reader, events) = Read(stream);
        var seen = new List<JsonElement>();
        var fold = new ResponseFold(new IdSource(), 100, e => seen.Add(
            JsonDocument.Parse(Encoding.UTF8.GetString(EventWriter.Write(e, seen.Count, ResponseEventOptions.Default).Span)).RootElement));
        Assert.True(reader.IsEnded);
        foreach (var e in events.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        fold.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason));
        return seen;
    }

    /// <summary>Each item as it ended: its type and its text.</summary>
    private static List<string> Texts(IEnumerable<JsonElement> seen) => [.. seen.Where(e => TypeOf(e) == "response.output_item.done")
        .Select(e => e.GetProperty("item")).Select(item => $"{item.GetProperty("type").GetString()} {TextOf(item)}")];

    private static string? TextOf(JsonElement item) => item.TryGetProperty("arguments", out var arguments) ? arguments.GetString()
        : item.TryGetProperty("content", out var content) && content.GetArrayLength() > 0
            ? string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()))
            : string.Concat(item.GetProperty("summary").EnumerateArray().Select(part => part.GetProperty("text").GetString()));

    /// <summary>Indexes in their order, each id once, each item begun and ended once, and made of its deltas.</summary>
    private static void Check(List<JsonElement> seen)
    {
        var added = seen.Where(e => TypeOf(e) == "response.output_item.added").ToList();
        var done = seen.Where(e => TypeOf(e) == "response.output_item.done").ToList();
        Assert.Equal(Enumerable.Range(0, added.Count), added.Select(e => e.GetProperty("output_index").GetInt32()));
        Assert.Equal(added.Select(Id), done.Select(Id));
        Assert.Equal(added.Count, added.Select(Id).Distinct(StringComparer.Ordinal).Count());
        foreach (var end in done)
        {
            var deltas = seen.Where(e => TypeOf(e).EndsWith(".delta", StringComparison.Ordinal)
                && e.GetProperty("item_id").GetString() == Id(end)).Select(e => e.GetProperty("delta").GetString());
            Assert.Equal(TextOf(end.GetProperty("item")), string.Concat(deltas));
        }
    }

    private static string Id(JsonElement e) => e.GetProperty("item").GetProperty("id").GetString()!;

    private static string TypeOf(JsonElement e) => e.GetProperty("type").GetString()!;
}
