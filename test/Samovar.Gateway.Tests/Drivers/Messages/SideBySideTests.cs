using Samovar.Backends;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Servers that send a signature twice, or run a thought and a text side by side: the thought is whole and signed once.</summary>
public sealed class SideBySideTests
{
    private const string Text = """{"type":"text","text":""}""", Thinking = """{"type":"thinking","thinking":""}""";
    private const string End = """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""", Stop = """{"type":"message_stop"}""";

    [Theory]
    [InlineData("", "SIG SIG", "SIG")]
    [InlineData("SIG", "SIG", "SIG")]
    [InlineData("SIG", "SIGNED", "SIGNED")]
    [InlineData("", "SIG SIGNE SIGNED", "SIGNED")]
    [InlineData("", "SIG NED", "SIGNED")]
    [InlineData("", "A AB", "AAB")]
    public void Signature_IsSaidOnce_HoweverOftenItComes(string begun, string deltas, string right)
    {
        var seen = Read([Begin(0, $$"""{"type":"thinking","thinking":"","signature":"{{begun}}"}"""), Think(0, "hm"),
            .. deltas.Split(' ').Select(static piece => Sign(0, piece)), Over(0), Begin(1, Text), Say(1, "Hi"), Over(1), End, Stop]);
        Assert.Equal($"hm anthropic-signature:{right} | Hi", Show(seen));
    }

    [Fact]
    public void ThoughtAndTextSideBySide_ComeOutOneAfterAnother_AndSigned() => Assert.Equal("ab anthropic-signature:SIG | Hi!", Show(Read(
        [Begin(0, Thinking), Begin(1, Text), Think(0, "a"), Say(1, "H"), Think(0, "b"), Say(1, "i"), Sign(0, "SIG"), Over(0),
            Say(1, "!"), Over(1), End, Stop])));

    [Fact]
    public void SignatureBehindTheTextsBeginning_BelongsToItsThought() => Assert.Equal("a anthropic-signature:SIG | Hi", Show(Read(
        [Begin(0, Thinking), Think(0, "a"), Begin(1, Text), Say(1, "Hi"), Sign(0, "SIG"), Over(0), Over(1), End, Stop])));

    /// <summary>It would prove another thought, or one that nobody thought.</summary>
    [Theory]
    [InlineData(Text, "a | Hi")]
    [InlineData(Thinking, "a | b anthropic-signature:OWN | Hi")]
    public void SignatureOfAThoughtThatIsOver_ProvesNothingElse(string next, string right) => Assert.Equal(right, Show(Read(
        [Begin(0, Thinking), Think(0, "a"), Over(0), Begin(1, next),
            .. next == Thinking ? new[] { Think(1, "b"), Sign(1, "OWN"), Sign(0, "SIG"), Over(1), Begin(2, Text) } : [Sign(0, "SIG")],
            Say(next == Thinking ? 2 : 1, "Hi"), End, Stop])));

    /// <summary>Bytes that are read are few where each piece is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ManySmallPieces_AreNotReadAgainForEachOfThem(bool signs)
    {
        const int pieces = 4000;
        string[] begun = signs ? [Begin(0, Thinking), Think(0, "a")] : [Begin(0, """{"type":"tool_use","id":"c","name":"f","input":{}}"""),
            Delta(0, """{"type":"input_json_delta","partial_json":"{"}""")];
        var stream = begun.Concat(Enumerable.Repeat(signs ? Sign(0, "0123456789") : Say(0, "0123456789"), pieces)).ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(stream);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 << 20); // all of it each time would be 160 MB
    }

    [Fact]
    public void TextsSideBySide_StayApart() => Assert.Equal("Aa | B", Show(Read(
        [Begin(0, Text), Say(0, "A"), Begin(1, Text), Say(1, "B"), Say(0, "a"), Over(0), Over(1), End, Stop])));

    /// <summary>Such a server's text is not held back until its answer is over.</summary>
    [Fact]
    public void BlockThatNeverEnds_IsOver_WhenAFewEventsWereNotItsOwn()
    {
        var seen = Read([Begin(0, Thinking), Think(0, "a"), Begin(1, Text), Say(1, "1"), Say(1, "2"), Say(1, "3")]);
        Assert.Equal("a | 123", Show(seen));
        Assert.Equal("a | 12", Show(Read([Begin(0, Thinking), Think(0, "a"), Begin(1, Text), Say(1, "1"), Say(1, "2"), Over(1)])));
    }

    private static List<BackendEvent> Read(IEnumerable<string> stream)
    {
        var reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var json in stream) reader.Read(RawJson.Of(json), events);
        return events;
    }

    /// <summary>Each item's text, with what proves it.</summary>
    private static string Show(IEnumerable<BackendEvent> events)
    {
        var items = new List<string>();
        foreach (var e in events)
            switch (e)
            {
                case BackendEvent.ReasoningStarted or BackendEvent.MessageStarted: items.Add(""); break;
                case BackendEvent.Delta delta: items[^1] += delta.Text; break;
                case BackendEvent.ItemDone { Whole: { IsEmpty: false } whole } when whole.Text("encrypted_content"u8) is { } seal:
                    items[^1] += " " + seal;
                    break;
            }
        return string.Join(" | ", items);
    }

    private static string Begin(int index, string block) =>
        $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""";

    private static string Say(int index, string text) => Delta(index, $$"""{"type":"text_delta","text":"{{text}}"}""");

    private static string Think(int index, string text) => Delta(index, $$"""{"type":"thinking_delta","thinking":"{{text}}"}""");

    private static string Sign(int index, string text) => Delta(index, $$"""{"type":"signature_delta","signature":"{{text}}"}""");

    private static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""";

    private static string Over(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";
}
