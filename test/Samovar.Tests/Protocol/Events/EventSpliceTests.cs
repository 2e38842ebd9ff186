using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Events;

public sealed class EventSpliceTests
{
    [Fact]
    public void StreamId_StandsAtTheEnd()
    {
        var json = EventWriter.Write(new ResponseEvent.FunctionCallArgumentsDelta("fc", 1, "}"), 3, ResponseEventOptions.Default);
        var name = new string('a', LaneId.NameCharsMax);
        Samples.SameJson(
            $$"""
            {"type":"response.function_call_arguments.delta","sequence_number":3,"item_id":"fc","output_index":1,"delta":"}",
             "stream_id":"{{name}}"}
            """,
            EventSplice.WithStreamId(json, name));
    }

    [Fact]
    public void Output_StandsAtTheTop_ForTheSimplestClient()
    {
        Item call = ItemWriter.FunctionCall("fc_1", "call_1", "f", "{}", null, ItemStatus.Completed);
        var done = Samples.Response(ResponseStatus.Completed) with { Output = [call] };
        var json = EventWriter.Write(new ResponseEvent.Completed(done), 3, ResponseEventOptions.Default);
        foreach (var spliced in new[] { EventSplice.WithOutput(json), EventSplice.WithOutput(json, ResponseWriter.OutputBytes(done)) })
        {
            var element = Samples.Element(spliced);
            Assert.Equal($"[{call.Json}]", element.GetProperty("output").GetRawText());
            Assert.Equal($"[{call.Json}]", element.GetProperty("response").GetProperty("output").GetRawText());
        }
    }

    [Theory]
    [InlineData("""{"type":"error"}""", "[]")]
    [InlineData("""{"type":"x","response":5}""", "[]")]
    [InlineData("""{"type":"x","response":{"id":1}}""", "[]")]
    [InlineData("""{"type":"x","response":{"a":{"output":[1]},"output":[2, {}]}}""", "[2, {}]")]
    public void Output_IsFound_OrEmpty(string json, string expected) =>
        Assert.Equal(expected, EventSplice.OutputOf(Samples.Utf8(json)).ToString());

    [Fact]
    public void Splice_RefusesWhatIsNoEvent() => Assert.Throws<ArgumentException>(() => EventSplice.WithStreamId("[]"u8.ToArray(), "a"));

    [Fact]
    public void Splices_CanBeJoined()
    {
        var json = EventSplice.WithStreamId(EventSplice.WithOutput("""{"type":"x"}"""u8.ToArray(), "[1]"u8.ToArray()), "lane");
        Assert.Equal("""{"type":"x","output":[1],"stream_id":"lane"}""", Encoding.UTF8.GetString(json));
    }
}
