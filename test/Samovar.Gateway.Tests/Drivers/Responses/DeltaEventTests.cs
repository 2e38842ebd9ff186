using Samovar.Gateway.Drivers.Responses;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Most events are read in one pass; whatever is unusual is left to those who look closer.</summary>
public sealed class DeltaEventTests
{
    [Theory]
    [InlineData("""{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"delta":"a\u00e9","logprobs":[1]}""", "aé")]
    [InlineData("""{"delta":"late","logprobs":[1],"new":{"delta":"no"},"item_id":"msg_1","type":"response.output_text.delta"}""", "late")]
    [InlineData("""{"type":"response.output_text.delta","item_id":"msg_\u0031","delta":"\ud83d\ude00","logprobs":[1]}""", "😀")]
    [InlineData("""{"type":"response.refusal.delta","item_id":"msg_1","delta":"","logprobs":[1]}""", "")]
    [InlineData("""{"type":"response.content_part.added","item_id":"msg_1","part":{"text":""},"logprobs":[1]}""", null)]
    [InlineData("""{"type":"response.output_text.done","item_id":"msg_1","text":"whole","logprobs":[1]}""", null)]
    public void EventOfTheItem_IsRead(string json, string? text)
    {
        Assert.True(DeltaEvent.TryRead(RawJson.Of(json), "message", "msg_1", out var e));
        Assert.Equal((text, "[1]"), (e.Text, e.Logprobs.ToString()));
    }

    [Theory]
    [InlineData("\"content_index\":0,", 0)]
    [InlineData("\"content_index\":12,", 12)]
    [InlineData("\"content_index\":null,", null)]
    [InlineData("", null)]
    public void PlaceOfThePart_IsRead(string place, int? part)
    {
        var json = RawJson.Of($$"""{"type":"response.output_text.delta","item_id":"msg_1",{{place}}"delta":"a"}""");
        Assert.True(DeltaEvent.TryRead(json, "message", "msg_1", out var e));
        Assert.Equal(part, e.Part);
    }

    [Fact]
    public void HalfOfACharacter_IsKept()
    {
        var json = RawJson.Of("""{"type":"response.output_text.delta","item_id":"msg_1","delta":"a\ud83d"}""");
        Assert.True(DeltaEvent.TryRead(json, "message", "msg_1", out var e));
        Assert.Equal("a\ud83d", e.Text, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"response.output_text.delta","item_id":"msg_2","delta":"a"}""")]
    [InlineData("""{"type":"response.output_text.delta","delta":"a"}""")]
    [InlineData("""{"type":"response.output_text.delta","item_id":"msg_1","delta":{"text":"a"}}""")]
    [InlineData("""{"type":"response.function_call_arguments.delta","item_id":"msg_1","delta":"a"}""")]
    [InlineData("""{"type":"response.reasoning_summary_text.delta","item_id":"msg_1","summary_index":0,"delta":"a"}""")]
    [InlineData("""{"type":"response.output_text.annotation.added","item_id":"msg_1","annotation":{}}""")]
    [InlineData("""{"type":"response.output_item.done","item_id":"msg_1","item":{"id":"msg_1"}}""")]
    [InlineData("""{"type":"response.completed","item_id":"msg_1"}""")]
    [InlineData("""{"type":"response.of_tomorrow","item_id":"msg_1"}""")]
    [InlineData("""{"item_id":"msg_1","delta":"a"}""")]
    [InlineData("""{"type":"response.output_text.delta","item_id":"msg_1","d\u0065lta":"a"}""")]
    [InlineData("""{"type":"response.output_text.delta","item_id":"\ud83d","delta":"a"}""")]
    [InlineData("""{"type":"\ud83d","item_id":"msg_1","delta":"a"}""")]
    [InlineData("""{"\ud83d":1,"type":"response.output_text.delta","item_id":"msg_1","delta":"a"}""")]
    [InlineData("""["msg_1"]""")]
    public void AnythingElse_IsNot(string json) =>
        Assert.False(DeltaEvent.TryRead(RawJson.Of(json), "message", "msg_1", out _));
}
