using System.Text.Json.Nodes;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Tests.Protocol.Messages;

/// <summary>A turn with calls as a message, the same as a stream and as a whole.</summary>
public sealed class MessagesAnswerTests
{
    [Theory]
    [InlineData("""{"q":"rm -rf /tmp/x y"}""", "tool_use")]
    [InlineData("", "tool_use")]
    [InlineData("""{"q":"rm -rf /tmp/\x y"}""", "max_tokens")]
    [InlineData("""{"q":"C:\\dir", "b": True}""", "max_tokens")]
    [InlineData("[1]", "max_tokens")]
    public void InputThatIsBroken_IsNotToldAsAWholeOne(string arguments, string reason)
    {
        var call = ItemWriter.FunctionCall("fc_1", "c", "f", arguments, null, ItemStatus.Completed);
        ResponseEvent[] events =
        [
            new ResponseEvent.OutputItemAdded(0, ItemWriter.FunctionCall("fc_1", "c", "f", "", null, ItemStatus.InProgress).Json),
            new ResponseEvent.FunctionCallArgumentsDelta("fc_1", 0, arguments), new ResponseEvent.OutputItemDone(0, call),
            new ResponseEvent.Completed(Samples.Response(ResponseStatus.Completed) with { Output = [call] }),
        ];
        var views = events.Select((e, number) => EventViews.Of(e, number, ResponseEventOptions.Default)).ToList();
        var whole = JsonNode.Parse(new MessagesAnswer().Whole(views, views[^1]))!;
        Assert.Equal(reason, (string?)whole["stop_reason"]);

        var (stream, written) = (new MessagesAnswer(), new List<WireEvent>());
        foreach (var view in views) stream.Translate(view, written);
        var last = JsonNode.Parse(written.Single(e => e.Name == "message_delta").Json.ToArray())!;
        Assert.Equal(reason, (string?)last["delta"]!["stop_reason"]);
        var input = string.Concat(written.Select(e => (string?)JsonNode.Parse(e.Json.ToArray())!["delta"]?["partial_json"]));
        Assert.True(JsonNode.DeepEquals(whole["content"]![0]!["input"], JsonNode.Parse(input)));
    }
}
