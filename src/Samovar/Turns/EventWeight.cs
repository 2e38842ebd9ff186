using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>What an event holds that nobody has written, on the safe side.</summary>
internal static class EventWeight
{
    private const int OwnBytes = 256, SnapshotBytes = 2048;

    public static long Of(ResponseEvent e) => OwnBytes + e switch
    {
        ResponseEvent.OutputTextDelta delta => Text(delta.Delta) + delta.Logprobs.Utf8.Length,
        ResponseEvent.ReasoningTextDelta delta => Text(delta.Delta),
        ResponseEvent.ReasoningSummaryTextDelta delta => Text(delta.Delta),
        ResponseEvent.FunctionCallArgumentsDelta delta => Text(delta.Delta),
        ResponseEvent.CustomToolCallInputDelta delta => Text(delta.Delta),
        ResponseEvent.RefusalDelta delta => Text(delta.Delta),
        ResponseEvent.OutputTextDone done => Text(done.Text) + done.Logprobs.Utf8.Length,
        ResponseEvent.ContentPartDone done => Text(done.Text) + done.Logprobs.Utf8.Length + done.Annotations.Utf8.Length,
        ResponseEvent.ReasoningTextDone done => Text(done.Text),
        ResponseEvent.ReasoningSummaryTextDone done => Text(done.Text),
        ResponseEvent.ReasoningSummaryPartDone done => Text(done.Text),
        ResponseEvent.FunctionCallArgumentsDone done => Text(done.Arguments),
        ResponseEvent.CustomToolCallInputDone done => Text(done.Input),
        ResponseEvent.RefusalDone done => Text(done.Refusal),
        ResponseEvent.OutputItemAdded added => added.Item.Utf8.Length,
        ResponseEvent.OutputItemDone done => done.Item.Json.Utf8.Length,
        ResponseEvent.InjectFailed failed => failed.Input.Utf8.Length,
        ResponseEvent.Carried carried => carried.Json.Utf8.Length,
        ResponseEvent.Created snapshot => Of(snapshot.Response),
        ResponseEvent.Queued snapshot => Of(snapshot.Response),
        ResponseEvent.InProgress snapshot => Of(snapshot.Response),
        ResponseEvent.Completed snapshot => Of(snapshot.Response),
        ResponseEvent.Incomplete snapshot => Of(snapshot.Response),
        ResponseEvent.Failed snapshot => Of(snapshot.Response),
        _ => 0,
    };

    /// <summary>A piece of a message's text.</summary>
    public static long Of(string text, RawJson logprobs) => OwnBytes + Text(text) + logprobs.Utf8.Length;

    /// <summary>A snapshot, with what it echoes of its request.</summary>
    public static long Of(Response response)
    {
        var bytes = SnapshotBytes + Text(response.Instructions) + response.Tools.Json.Utf8.Length + Of(response.Request);
        for (var i = 0; i < response.Output.Count; i++) bytes += response.Output[i].Json.Utf8.Length;
        return bytes;
    }

    private static long Of(CreateRequest settings) => settings.Metadata.Utf8.Length + settings.ToolChoice.Json.Utf8.Length
        + (settings.Format is TextFormat.JsonSchema format ? format.Schema.Utf8.Length + Text(format.Description) : 0);

    private static long Text(string? text) => sizeof(char) * (long)(text?.Length ?? 0);
}
