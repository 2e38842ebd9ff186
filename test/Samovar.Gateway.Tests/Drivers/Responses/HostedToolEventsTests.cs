using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>What an upstream says of its own tools reaches the client as it came, in order, under our numbers.</summary>
public sealed class HostedToolEventsTests
{
    private const int FirstIndex = 3; // an upstream whose numbers are not ours
    private readonly UpstreamCall _call = Calls.Of("responses-http");
    private readonly UpstreamOptions _options = new();

    public static TheoryData<string, string, string> Tools => new()
    {
        { "web_search_call", "web_search_call.in_progress web_search_call.searching web_search_call.completed", "" },
        { "file_search_call", "file_search_call.in_progress file_search_call.searching file_search_call.completed", "" },
        {
            "code_interpreter_call",
            "code_interpreter_call.in_progress code_interpreter_call_code.delta " +
                "code_interpreter_call_code.delta code_interpreter_call_code.done " +
                "code_interpreter_call.interpreting code_interpreter_call.completed",
            ""","delta":"x = 1","code":"x = 1" """
        },
        {
            "image_generation_call", "image_generation_call.in_progress image_generation_call.generating " +
                "image_generation_call.partial_image image_generation_call.partial_image image_generation_call.completed",
            ""","partial_image_index":1,"partial_image_b64":"iVBORw0KGgo=","output_format":"png" """
        },
        { "mcp_list_tools", "mcp_list_tools.in_progress mcp_list_tools.failed", "" },
        { "mcp_call", "mcp_call.in_progress mcp_call_arguments.delta mcp_call_arguments.done mcp_call.completed", ""","delta":"{}" """ },
        { "a_tool_to_come", "a_tool_to_come.dreaming output_text.delta", ""","delta":"odd","nested":{"output_index":9} """ },
    };

    [Theory, MemberData(nameof(Tools))]
    public void Progress_IsPassedOn_InOrder_UnderOurNumbers(string type, string progress, string fields)
    {
        var steps = progress.Split(' ').Select(step => "response." + step).ToList();
        var item = $$"""{"id":"it_1","type":"{{type}}","status":"completed","action":{"query":"x"},"odd":[1]}""";
        var seen = Relay(
        [
            Message(FirstIndex, "before"),
            $$$"""{"type":"response.output_item.added","output_index":4,"item":{"id":"it_1","type":"{{{type}}}","status":"begun"}}""",
            .. steps.Select(step => $$"""{"type":"{{step}}","sequence_number":77,"output_index":4,"item_id":"it_1"{{fields}}}"""),
            $$$"""{"type":"response.output_item.done","output_index":4,"item":{{{item}}}}""",
            Message(5, "after"),
        ]);

        var ofItem = seen.Where(e => IsOf(e, 1)).ToList();
        Assert.Equal(["response.output_item.added", .. steps, "response.output_item.done"], ofItem.Select(TypeOf));
        Assert.Equal("begun", ofItem[0].GetProperty("item").GetProperty("status").GetString());
        Assert.Equal(item, ofItem[^1].GetProperty("item").GetRawText());
        foreach (var step in ofItem[1..^1])
        {
            Assert.Equal("it_1", step.GetProperty("item_id").GetString());
            foreach (var field in JsonDocument.Parse("{" + fields.TrimStart(',') + "}").RootElement.EnumerateObject())
                Assert.Equal(field.Value.GetRawText(), step.GetProperty(field.Name).GetRawText());
        }
        Assert.Equal(Enumerable.Range(0, seen.Count), seen.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal([0, 1, 2], seen.Where(e => TypeOf(e) == "response.output_item.added").Select(Index));
    }

    [Fact]
    public void ToolsAtOnce_AreSentOneAfterAnother_AndNoneOfTheirWordsIsLost()
    {
        string Step(int index, string step) => $$"""{"type":"response.web_search_call.{{step}}","output_index":{{index}}}""";
        string Item(int index, string step) => $$$"""{"type":"response.output_item.{{{step}}}","output_index":{{{index}}},"item":""" +
            $$$"""{"id":"ws_{{{index}}}","type":"web_search_call","status":"x"}}""";
        var seen = Relay(
        [
            Item(0, "added"), Item(1, "added"), Step(1, "searching"), Step(0, "searching"), Step(1, "completed"), Item(1, "done"),
            Step(0, "completed"), Item(0, "done"),
        ]);
        foreach (var index in new[] { 0, 1 })
        {
            Assert.Equal(["added", "searching", "completed", "done"],
                seen.Where(e => IsOf(e, index)).Select(e => TypeOf(e).Split('.')[^1]));
        }
    }

    [Fact]
    public void EventsOfNoItem_AreCounted_AndGoNoFurther()
    {
        var seen = Relay(
        [
            """{"type":"codex.rate_limits","remaining":3}""",
            """{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws_1"}""",
            Message(0, "text"),
            """{"type":"response.output_text.annotation.added","output_index":0,"item_id":"msg_0","annotation":{}}""",
            """{"type":"response.of_a_stranger","item_id":"msg_9"}""",
        ]);
        Assert.DoesNotContain(seen, e => TypeOf(e) is "codex.rate_limits" or "response.of_a_stranger");
        Assert.Equal((2, 1, 1), (_call.EventsDropped(EventDrop.NoItem), _call.EventsDropped(EventDrop.NotBegun),
            _call.EventsDropped(EventDrop.Ended)));
    }

    [Fact]
    public void HeldEvents_AreBounded_InBytes()
    {
        _options.EventBytesMax = 2048;
        var big = $$"""{"type":"response.image_generation_call.partial_image","output_index":1,"b":"{{new string('x', 900)}}"}""";
        string Open(int index) => $$$"""{"type":"response.output_item.added","output_index":{{{index}}},"item":""" +
            $$$"""{"id":"i{{{index}}}","type":"image_generation_call"}}""";
        Assert.Equal(
            FaultKind.Malformed, Assert.Throws<UpstreamException>(() => Relay([Open(0), Open(1), big, big, big])).Fault.Kind);
    }

    /// <summary>From the upstream's events to what the client reads.</summary>
    private List<JsonElement> Relay(IEnumerable<string> events)
    {
        var reader = new ResponsesReader(_call, _options, new IdSource());
        var seen = new List<JsonElement>();
        var fold = new ResponseFold(new IdSource(), 100, e => seen.Add(
            JsonDocument.Parse(Encoding.UTF8.GetString(EventWriter.Write(e, seen.Count, ResponseEventOptions.Default).Span)).RootElement));
        var core = new List<BackendEvent>();
        foreach (var json in events)
        {
            // bytes of their own that are gone afterwards, as a socket's are
            var frame = Encoding.UTF8.GetBytes(json);
            core.Clear();
            reader.Read(new RawJson(frame), core);
            Array.Clear(frame);
            foreach (var e in core.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        }
        return seen;
    }

    private static string Message(int index, string text) =>
        $$$"""{"type":"response.output_item.done","output_index":{{{index}}},"item":""" +
        $$$"""{"id":"msg_{{{index}}}","type":"message","role":"assistant","content":[{"type":"output_text","text":"{{{text}}}"}]}}""";

    private static string TypeOf(JsonElement e) => e.GetProperty("type").GetString()!;

    private static int Index(JsonElement e) => e.GetProperty("output_index").GetInt32();

    private static bool IsOf(JsonElement e, int index) => e.TryGetProperty("output_index", out var at) && at.GetInt32() == index;
}
