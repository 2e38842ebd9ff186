using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>What a provider of the Messages API cites comes to clients as annotations, and goes back to it as it said it.</summary>
public sealed class CitationTests
{
    private const string Text = """{"type":"text","text":""}""";
    private const string Web = """{"type":"web_search_result_location","cited_text":"so \u00e9", "url":"https://x.example","title":"X","""
        + """ "encrypted_index":"Eo8B"}""";
    private const string Document =
        """{"type":"char_location","cited_text":"it","document_index":0,"document_title":"Doc","file_id":null}""";
    private const string WebAs = """{"type":"url_citation","start_index":0,"end_index":5,"url":"https://x.example","title":"X","""
        + "\"messages_citation\":" + Web + "}";
    private const string DocumentAs =
        """{"type":"file_citation","file_id":"","filename":"Doc","index":5,"messages_citation":""" + Document + "}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Citation_IsAnAnnotation_WhereverItStands(bool isFirst)
    {
        var (said, cited) = (Say(0, "Hello"), Cite(0, Web));
        Assert.Equal([$"Hello [{WebAs}]"],
            Relay(Begin(0, Text), isFirst ? cited : said, isFirst ? said : cited, Over(0)));
    }

    [Theory]
    [InlineData(Document, DocumentAs)]
    [InlineData("""{"type":"search_result_location","source":"https://y","title":null}""",
        """{"type":"url_citation","start_index":0,"end_index":5,"url":"https://y","title":"","messages_citation":"""
        + """{"type":"search_result_location","source":"https://y","title":null}}""")]
    [InlineData("""{"type":"search_result_location","source":"kb/7","title":"T"}""",
        """{"type":"file_citation","file_id":"","filename":"T","index":5,"messages_citation":"""
        + """{"type":"search_result_location","source":"kb/7","title":"T"}}""")]
    [InlineData("""{"type":"later","file_id":"file_1"}""",
        """{"type":"file_citation","file_id":"file_1","filename":"","index":5,"messages_citation":{"type":"later","file_id":"file_1"}}""")]
    [InlineData("""{"type":"web_search_result_location"}""",
        """{"type":"file_citation","file_id":"","filename":"","index":5,"messages_citation":{"type":"web_search_result_location"}}""")]
    [InlineData("{}", """{"type":"file_citation","file_id":"","filename":"","index":5,"messages_citation":{}}""")]
    public void Kinds_AreWhatClientsKnow(string citation, string annotation) =>
        Assert.Equal([$"Hello [{annotation}]"], Relay(Begin(0, Text), Say(0, "Hello"), Cite(0, citation), Over(0)));

    [Fact]
    public void BlocksInARow_EachHaveTheirOwn()
    {
        var second = WebAs.Replace("\"end_index\":5", "\"end_index\":6", StringComparison.Ordinal);
        Assert.Equal([$"Hello [{WebAs}]", $" there [{second}]"], Relay(Begin(0, Text), Cite(0, Web), Say(0, "Hello"), Over(0),
            Begin(1, Text), Cite(1, Web), Say(1, " there")));
    }

    [Fact]
    public void BlocksOfAWholeMessage_EachHaveTheirPlace_InOneText()
    {
        var second = WebAs.Replace("0,\"end_index\":5", "5,\"end_index\":11", StringComparison.Ordinal);
        Assert.Equal([$"Hello there [{WebAs},{second}]"], Items(Read(
            """{"type":"message","model":"m","content":[{"type":"text","text":"Hello","citations":[""" + Web
            + """]},{"type":"text","text":" there","citations":[""" + Web
            + """]}],"stop_reason":"end_turn","usage":{"output_tokens":1}}""")));
    }

    [Theory]
    [InlineData("null", "")]
    [InlineData("[]", "")]
    [InlineData("7", "")]
    [InlineData("[7,\"x\",null]", "")]
    [InlineData("[" + Web + "]", WebAs)]
    [InlineData("[" + Web + "," + Document + "]", WebAs + "," + DocumentAs)]
    [InlineData(Web, WebAs)]
    public void BlockThatBeginsWithThem_HasThem(string citations, string annotations) => Assert.Equal([$"Hello [{annotations}]"],
        Relay(Begin(0, $$"""{"type":"text","text":"He","citations":{{citations}}}"""), Say(0, "llo"), Over(0)));

    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"x\"")]
    [InlineData("[]")]
    public void WhatIsNoCitation_IsPassedOver(string citation) =>
        Assert.Equal(["Hello []"], Relay(Begin(0, Text), Say(0, "Hello"), Cite(0, citation), Over(0)));

    [Fact]
    public void CitationNestedTooDeepForClients_IsPassedOver() => Assert.Equal(["Hello []"], Relay(Begin(0, Text), Say(0, "Hello"),
        Cite(0, $$"""{"a":{{new string('[', 55)}}{{new string(']', 55)}}}"""), Over(0)));

    [Fact]
    public void Citations_MayComeWithoutKindAndPlace() => Assert.Equal([$"Hello [{WebAs}]"], Relay(
        """{"type":"content_block_delta","delta":{"text":"Hello"}}""",
        """{"type":"content_block_delta","delta":{"citation":""" + Web + "}}"));

    [Fact]
    public void CitationOfAThoughtOrACall_IsNobodys() => Assert.Equal(["hm", """{"q":1}""", "Hello []"], Relay(
        Begin(0, """{"type":"thinking","thinking":"hm"}"""), Cite(0, Web), Over(0),
        Begin(1, """{"type":"tool_use","id":"t","name":"look","input":{"q":1}}"""), Cite(1, Web), Over(1),
        Begin(2, Text), Say(2, "Hello"), Over(2)));

    [Fact]
    public void TextInsideACall_KeepsWhatItCites() => Assert.Equal(["""{"q":1}""", $"Hello [{WebAs}]"], Relay(
        Begin(0, """{"type":"tool_use","id":"t","name":"look","input":{}}"""), Input(0, "{\"q\""), Say(0, "Hello"), Cite(0, Web),
        Input(0, ":1}"), Over(0)));

    [Fact]
    public void BlockThatWaits_KeepsWhatItCites() => Assert.Equal(["""{"q":1}""", $"Hello [{WebAs}]"], Relay(
        Begin(0, """{"type":"tool_use","id":"t","name":"look","input":{}}"""), Input(0, "{\"q\""), Begin(1, Text), Say(1, "Hello"),
        Cite(1, Web), Over(1), Input(0, ":1}"), Over(0)));

    [Fact]
    public void EmptyBlock_CitesNothing() => Assert.Equal(["Hello []"],
        Relay(Begin(0, """{"type":"thinking","thinking":""}"""), Over(0), Begin(1, Text), Cite(1, Web), Over(1), Begin(2, Text),
            Say(2, "Hello"), Over(2)));

    [Fact]
    public void WholeMessage_HasThem() => Assert.Equal([$"Hello [{WebAs},{DocumentAs}]"], Items(Read(
        """{"type":"message","model":"m","content":[{"type":"text","text":"Hello","citations":[""" + Web + "," + Document
        + """]}],"stop_reason":"end_turn","usage":{"output_tokens":1}}""")));

    [Fact]
    public void Events_SayWhatTheItemHas()
    {
        var seen = Read(Begun, Begin(0, Text), Say(0, "Hello"), Cite(0, Web), Over(0), End, Stop);
        var added = seen.Single(e => e.GetProperty("type").GetString() == "response.output_text.annotation.added");
        Assert.Equal(WebAs, added.GetProperty("annotation").GetRawText());
        Assert.Equal((0, 0, 0), (added.GetProperty("output_index").GetInt32(), added.GetProperty("content_index").GetInt32(),
            added.GetProperty("annotation_index").GetInt32()));
        var part = seen.Single(e => e.GetProperty("type").GetString() == "response.content_part.done").GetProperty("part");
        Assert.Equal($"[{WebAs}]", part.GetProperty("annotations").GetRawText());
    }

    [Fact]
    public void History_GoesBackWithThem()
    {
        var sent = Sent($"[{WebAs},{{\"type\":\"url_citation\",\"url\":\"https://other\"}},{DocumentAs}]");
        Assert.Equal("""{"role":"assistant","content":[{"type":"text","text":"Hello","citations":[""" + Web + "," + Document
            + """]},{"type":"text","text":" there"}]}""", sent);
    }

    /// <summary>The API refuses a text without any word, whatever it cites.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\\n ")]
    public void BlankText_DoesNotGoBack_ThoughItCites(string blank) =>
        Assert.Equal("""{"role":"assistant","content":[{"type":"text","text":" there"}]}""", Sent($"[{WebAs}]", blank));

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""[{"type":"url_citation","url":"https://other"},7,{"messages_citation":7}]""")]
    public void HistoryWithout_GoesAsBefore(string annotations) => Assert.Equal(
        """{"role":"assistant","content":[{"type":"text","text":"Hello"},{"type":"text","text":" there"}]}""", Sent(annotations));

    [Theory]
    [InlineData(null, """[{"type":"url_citation","url":"https://other"}]""")]
    [InlineData("samovar", $$"""[{"type":"url_citation","url":"https://other"},{{WebAs}}]""")]
    public async Task OtherUpstreams_DoNotGetThem_ButAnotherSamovarDoes(string? dialect, string sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("responses-http", upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        await gateway.TurnAsync(null, TestGateway.User("x")[..^1] + ","
            + Message($$"""[{"type":"url_citation","url":"https://other"},{{WebAs}}]""") + "," + TestGateway.User("y")[1..]);
        Assert.Contains($"\"annotations\":{sent}", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    private static string Sent(string annotations, string text = "Hello")
    {
        var item = ItemReader.Read(Encoding.UTF8.GetBytes(Message(annotations, text)), ProtocolLimits.Default);
        return string.Concat(MessageHistory.For(new TurnContext(null, [item]), ToolNames.Of([])).SelectMany(run => run.Messages));
    }

    private static string Message(string annotations, string text = "Hello") =>
        $$"""{"type":"message","role":"assistant","content":[{"type":"output_text","text":"{{text}}","annotations":{{annotations}}},"""
        + """{"type":"output_text","text":" there","annotations":[]}]}""";

    private const string Begun = """{"type":"message_start","message":{"id":"m","model":"m","content":[],"usage":{"input_tokens":1}}}""";
    private const string End = """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}""";
    private const string Stop = """{"type":"message_stop"}""";

    private static string Begin(int index, string block) =>
        $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""";

    private static string Say(int index, string text) => Delta(index, $$"""{"type":"text_delta","text":"{{text}}"}""");

    private static string Input(int index, string json) =>
        Delta(index, $$"""{"type":"input_json_delta","partial_json":{{JsonSerializer.Serialize(json)}}}""");

    private static string Cite(int index, string citation) => Delta(index, $$"""{"type":"citations_delta","citation":{{citation}}}""");

    private static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""";

    private static string Over(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";

    private static IEnumerable<string> Relay(params IEnumerable<string> stream) => Items(Read([Begun, .. stream, End, Stop]));

    private static List<JsonElement> Read(params IEnumerable<string> stream)
    {
        var reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(RawJson.Of(json), events);
        var seen = new List<JsonElement>();
        var fold = new ResponseFold(new IdSource(), 100, e => seen.Add(
            JsonDocument.Parse(Encoding.UTF8.GetString(EventWriter.Write(e, seen.Count, ResponseEventOptions.Default).Span)).RootElement));
        foreach (var e in events.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        fold.Add(new BackendEvent.Finished(reader.Usage, reader.IncompleteReason));
        return seen;
    }

    private static IEnumerable<string> Items(IEnumerable<JsonElement> seen) => seen
        .Where(e => e.GetProperty("type").GetString() == "response.output_item.done").Select(e => Line(e.GetProperty("item")));

    private static string Line(JsonElement item) => item.TryGetProperty("arguments", out var arguments) ? arguments.GetString()!
        : string.Join('|', item.GetProperty("content").EnumerateArray().Select(part => part.GetProperty("text").GetString()
            + (part.TryGetProperty("annotations", out var annotations) ? " " + annotations.GetRawText() : "")));
}
