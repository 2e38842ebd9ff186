using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Upstreams that send an item only in one piece, or another one than they streamed: nothing is lost or sent twice.</summary>
public sealed class WholeTextTests
{
    private const string Message =
        """{"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message","content":[]}}""";
    private const string Call = """{"type":"response.output_item.added","output_index":0,"item":""" +
        """{"id":"f","type":"function_call","call_id":"c","name":"look","arguments":""}}""";
    private const string TextDone =
        """{"type":"response.output_text.done","output_index":0,"item_id":"m","content_index":0,"text":"Hello"}""";
    private const string PartDone = """{"type":"response.content_part.done","output_index":0,"item_id":"m","content_index":0,""" +
        "\"part\":{\"type\":\"output_text\",\"text\":\"Hello\"}}";
    private const string CallDone =
        """{"type":"response.function_call_arguments.done","output_index":0,"item_id":"f","name":"look","arguments":"{\"q\":1}"}""";

    public static TheoryData<string, string[]> Streams => new()
    {
        { "Hello", [Message, TextDone] },
        { "Hello", [Message, PartDone] },
        { "Hello", [Message, TextDone, PartDone] },
        { "Hello", [TextDone] },
        { "Hello", [Message, Delta("Hel"), Delta("lo"), TextDone, PartDone] },
        { "Hello", [Message, Delta("Hello"), Done("Hello"), TextDone, PartDone] },
        { """look {"q":1}""", [Call, CallDone] },
        { """look {"q":1}""", [CallDone] },
        { """look {"q":1}""", [Call, Arguments("\"{\\\"q\\\"\""), CallDone] },
        { """look {"q":1}""", [Call, Arguments("""{"q":1}""")] },
        { "S", ["""{"type":"response.reasoning_summary_text.done","output_index":0,"item_id":"r","summary_index":0,"text":"S"}"""] },
        { "Hello", ["""{"type":"response.output_item.added","output_index":0,"item":null}""", Message, TextDone] },
        { "Hello", ["""{"type":"response.output_item.done","output_index":3,"item":[1]}""", Message, TextDone] },
        { "Hello", ["""{"type":"response.output_item.done","output_index":3,"item":{"id":"x"}}""", Message, TextDone] },
        { "Hel", [Message, Delta("Hel"), Done("Other")] },
    };

    [Theory, MemberData(nameof(Streams))]
    public void Items_AreWhatTheStreamSaid(string expected, string[] stream) => Assert.Equal([expected], Read("", stream));

    [Fact]
    public void FinalItemThatIsAnotherOne_IsToldBesideTheStreamedOne() => Assert.Equal(["Hel", "Other"], Read(
        """{"id":"n","type":"message","role":"assistant","content":[{"type":"output_text","text":"Other","annotations":[]}]}""",
        Message, Delta("Hel")));

    [Fact]
    public void FinalItemWithoutAType_IsNone() => Assert.Equal(["Hello"], Read("""{"id":"x"},7""", Message, Delta("Hello")));

    [Theory]
    [InlineData("Hello", true)]
    [InlineData("Hello there", false)]
    [InlineData("Bye", false)]
    public void FinalMessage_IsReadOnce_WhereItSaysWhatWasStreamed(string final, bool isRead)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in (string[])[Message, Delta("Hel"), Delta("lo"), Done(final)]) reader.Read(RawJson.Of(json), events);
        var done = Assert.Single(events.OfType<BackendEvent.ItemDone>());
        Assert.Equal(isRead, done.Item is MessageItem);
        if (isRead) Assert.Equal(done.Whole, done.Item!.Json);
    }

    private static string Delta(string text) =>
        $$"""{"type":"response.output_text.delta","output_index":0,"item_id":"m","content_index":0,"delta":"{{text}}"}""";

    private static string Arguments(string json) =>
        $$"""{"type":"response.function_call_arguments.delta","output_index":0,"item_id":"f","delta":{{json}}}""";

    private static string Done(string text) =>
        """{"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"message",""" +
        $$$""" "role":"assistant","status":"completed","content":[{"type":"output_text","text":"{{{text}}}","annotations":[]}]}}""";

    private static List<string> Read(string final, params string[] stream)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var events = new List<BackendEvent>();
        var end = """{"type":"response.completed","response":{"id":"r","status":"completed","output":[""" + final + "]}}";
        foreach (var json in stream.Append(end)) reader.Read(RawJson.Of(json), events);
        var published = new List<ResponseEvent>();
        var fold = new ResponseFold(new IdSource(), 100, published.Add);
        foreach (var e in events.Where(e => e is not BackendEvent.Accepted)) fold.Add(e);
        return [.. fold.Output.Select(Line)];
    }

    private static string Line(Item item) => item switch
    {
        FunctionCallItem call => $"{call.Name} {call.Arguments}",
        MessageItem message => string.Concat(message.Content.OfType<ContentPart.Text>().Select(part => part.Value)),
        ReasoningItem thought => string.Concat(thought.Json.Field("summary"u8).Elements().Select(part => part.Text("text"u8))),
        _ => item.Type,
    };
}
