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
        { "Hello", [Message, Delta("Hel"), TextDone, PartDone] },
        { "Hello", [Message, Delta("Hello"), Part(1, "Hello")] }, // counted in another way
        { "Hello", [Message, Delta("Hello"), TextDone, PartDone.Replace("\"content_index\":0,", "", StringComparison.Ordinal)] },
        { "Hello", [Message, Delta("Hel"), Part("", null), Delta("lo"), Part("Hello", null), Part("Hello", null, "content_part")] },
        { "onetwo", [Message, Part(0, "one"), Part(1, "two")] },
        { "onetwo", [Message, Part(0, "one"), Part(1, "two"), Part("one", 0, "content_part"), Part("two", 1, "content_part")] },
        { "onetwo", [Message, Delta("one"), Part(1, "two")] },
        { "onetwo", [Message, Delta("one"), Part(0, "one"), Part(1, "two")] },
        { "onetwo", [Message, Part("one", null), Part("two", null), Part("two", null, "content_part")] },
        { "oneone", [Message, Part(0, "one"), Part(1, "one")] },
        { "axby", [Message, Delta("a"), Delta("x", 1), Delta("b"), Delta("y", 1), Part(0, "ab"), Part(1, "xy")] },
        { "Sure-No", [Message, Delta("Sure"), Refused(1, "No")] },
        { "-No", [Message, Refused(0, "No"), Refused(0, "No", "content_part")] },
        { "one|two", [Summed(0, "one"), Summed(1, "two")] },
        { "one|two", [Summed(0, "one"), Summed(0, "one", "part"), Summed(1, "two"), Summed(1, "two", "part")] },
        { "S=raw", [Summed(0, "S", "text.delta"), Thought("raw")] },
    };

    [Fact]
    public void SeveralParts_AreToldAsTheyCome()
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in (string[])[Message, Delta("one"), Part(0, "one"), Part(1, "two")]) reader.Read(RawJson.Of(json), events);
        Assert.Equal(["one", "two"], events.OfType<BackendEvent.Delta>().Select(delta => delta.Text));
    }

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

    private static string Delta(string text, int part = 0) =>
        $$"""{"type":"response.output_text.delta","output_index":0,"item_id":"m","content_index":{{part}},"delta":"{{text}}"}""";

    /// <param name="place">Null where the upstream does not say.</param>
    private static string Part(string text, int? place, string what = "output_text")
    {
        var where = "\"output_index\":0," + (place is null ? "" : $"\"content_index\":{place},");
        return what == "content_part"
            ? $$$"""{"type":"response.content_part.done","item_id":"m",{{{where}}}"part":{"type":"output_text","text":"{{{text}}}"}}"""
            : $$"""{"type":"response.output_text.done","item_id":"m",{{where}}"text":"{{text}}"}""";
    }

    private static string Part(int part, string text) => Part(text, part);

    private static string Refused(int part, string text, string what = "refusal") => what == "content_part"
        ? $$$"""{"type":"response.content_part.done","item_id":"m","content_index":{{{part}}},"part":{"refusal":"{{{text}}}"}}"""
        : $$"""{"type":"response.refusal.done","output_index":0,"item_id":"m","content_index":{{part}},"refusal":"{{text}}"}""";

    private static string Summed(int part, string text, string what = "text.done")
    {
        var where = $"\"output_index\":0,\"item_id\":\"r\",\"summary_index\":{part}";
        return what == "part"
            ? $$$"""{"type":"response.reasoning_summary_part.done",{{{where}}},"part":{"type":"summary_text","text":"{{{text}}}"}}"""
            : $$"""{"type":"response.reasoning_summary_{{what}}",{{where}},"{{(what == "text.done" ? "text" : "delta")}}":"{{text}}"}""";
    }

    private static string Thought(string text) =>
        $$"""{"type":"response.reasoning_text.done","output_index":0,"item_id":"r","content_index":0,"text":"{{text}}"}""";

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
        MessageItem message => string.Concat(message.Content.Select(part => part switch
        {
            ContentPart.Text text => text.Value,
            ContentPart.Refusal refusal => "-" + refusal.Value,
            _ => "?",
        })),
        ReasoningItem thought => string.Join('|', thought.Summary) + string.Concat(thought.Content.Select(text => "=" + text)),
        _ => item.Type,
    };
}
