using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Events;

/// <summary>Events as they are read → the union that callers see.</summary>
internal static class TurnEvents
{
    private static readonly ResponseView NoResponse = new();

    public static TurnEvent Of(EventView e) => (Lifecycle(e) ?? Items(e) ?? Texts(e) ?? Steers(e) ?? new TurnEvent.Other()) with
    {
        Type = e.Type,
        Json = e.Json,
        SequenceNumber = e.SequenceNumber,
    };

    /// <summary>The end of a turn that was found by its id instead of its events.</summary>
    public static TurnEvent End(ResponseView response) => response.Status switch
    {
        ResponseStatus.Incomplete => new TurnEvent.Incomplete(response) { Type = "response.incomplete" },
        ResponseStatus.Failed or ResponseStatus.Cancelled => new TurnEvent.Failed(response) { Type = "response.failed" },
        _ => new TurnEvent.Completed(response) { Type = "response.completed" },
    };

    private static TurnEvent? Lifecycle(EventView e) => e.Type switch
    {
        "response.created" => new TurnEvent.Created(e.Response ?? NoResponse),
        "response.queued" => new TurnEvent.Queued(e.Response ?? NoResponse),
        "response.in_progress" => new TurnEvent.InProgress(e.Response ?? NoResponse),
        "response.completed" or "response.done" => new TurnEvent.Completed(e.Response ?? NoResponse),
        "response.incomplete" => new TurnEvent.Incomplete(e.Response ?? NoResponse),
        "response.failed" => new TurnEvent.Failed(e.Response ?? NoResponse),
        _ => null,
    };

    private static TurnEvent? Items(EventView e) => e switch
    {
        { Type: "response.output_item.added", Item: { } item } => new TurnEvent.ItemAdded(Index(e), item),
        { Type: "response.output_item.done", Item: { } item } => new TurnEvent.ItemDone(Index(e), item),
        { Type: "response.content_part.added" } => new TurnEvent.PartAdded(Id(e), Index(e), e.ContentIndex ?? 0, e.Part),
        { Type: "response.content_part.done" } => new TurnEvent.PartDone(Id(e), Index(e), e.ContentIndex ?? 0, e.Part),
        _ => null,
    };

    private static TurnEvent? Texts(EventView e)
    {
        var (id, index, content, summary) = (Id(e), Index(e), e.ContentIndex ?? 0, e.SummaryIndex ?? 0);
        var (delta, whole) = (e.Delta ?? "", e.Whole ?? "");
        return e.Type switch
        {
            "response.output_text.delta" => new TurnEvent.TextDelta(id, index, content, delta),
            "response.output_text.done" => new TurnEvent.TextDone(id, index, content, whole),
            "response.refusal.delta" => new TurnEvent.RefusalDelta(id, index, content, delta),
            "response.refusal.done" => new TurnEvent.RefusalDone(id, index, content, whole),
            "response.reasoning_text.delta" or "response.reasoning.delta" => new TurnEvent.ReasoningDelta(id, index, content, delta),
            "response.reasoning_text.done" or "response.reasoning.done" => new TurnEvent.ReasoningDone(id, index, content, whole),
            "response.reasoning_summary_text.delta" => new TurnEvent.SummaryDelta(id, index, summary, delta),
            "response.reasoning_summary_text.done" => new TurnEvent.SummaryDone(id, index, summary, whole),
            "response.function_call_arguments.delta" => new TurnEvent.ArgumentsDelta(id, index, delta),
            "response.function_call_arguments.done" => new TurnEvent.ArgumentsDone(id, index, whole),
            "response.custom_tool_call_input.delta" => new TurnEvent.CustomInputDelta(id, index, delta),
            "response.custom_tool_call_input.done" => new TurnEvent.CustomInputDone(id, index, whole),
            _ => null,
        };
    }

    private static TurnEvent? Steers(EventView e)
    {
        if (!e.Type.StartsWith("response.steer.", StringComparison.Ordinal)) return null;
        var id = e.Json.Field("steer"u8).Text("id"u8);
        var error = e.Json.Field("error"u8);
        return e.Type switch
        {
            "response.steer.accepted" => new TurnEvent.SteerAccepted(id ?? ""),
            "response.steer.pending" => new TurnEvent.SteerPending(id ?? ""),
            "response.steer.failed" => new TurnEvent.SteerFailed(id, error.Text("code"u8), error.Text("message"u8) ?? ""),
            _ => null,
        };
    }

    private static string Id(EventView e) => e.ItemId ?? "";
    private static int Index(EventView e) => e.OutputIndex ?? 0;
}
