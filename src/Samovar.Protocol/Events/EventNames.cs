namespace Samovar.Protocol.Events;

/// <summary>The <c>type</c> of every event.</summary>
public static class EventNames
{
    /// <summary>A text rests on something: a source that it cites. It is only carried.</summary>
    public const string AnnotationAdded = "response.output_text.annotation.added";

    /// <summary>The event's <c>type</c>, also SSE's event line.</summary>
    public static string Of(ResponseEvent e, ResponseEventOptions? options = null) => e switch
    {
        ResponseEvent.OutputTextDelta => "response.output_text.delta",
        ResponseEvent.FunctionCallArgumentsDelta => "response.function_call_arguments.delta",
        ResponseEvent.CustomToolCallInputDelta => "response.custom_tool_call_input.delta",
        ResponseEvent.ReasoningTextDelta => IsOpen(options) ? "response.reasoning.delta" : "response.reasoning_text.delta",
        ResponseEvent.ReasoningTextDone => IsOpen(options) ? "response.reasoning.done" : "response.reasoning_text.done",
        ResponseEvent.ReasoningSummaryTextDelta => "response.reasoning_summary_text.delta",
        ResponseEvent.RefusalDelta => "response.refusal.delta",
        ResponseEvent.Created => "response.created",
        ResponseEvent.Queued => "response.queued",
        ResponseEvent.InProgress => "response.in_progress",
        ResponseEvent.Completed => "response.completed",
        ResponseEvent.Failed => "response.failed",
        ResponseEvent.Incomplete => "response.incomplete",
        ResponseEvent.OutputItemAdded => "response.output_item.added",
        ResponseEvent.OutputItemDone => "response.output_item.done",
        ResponseEvent.ContentPartAdded => "response.content_part.added",
        ResponseEvent.ContentPartDone => "response.content_part.done",
        ResponseEvent.OutputTextDone => "response.output_text.done",
        ResponseEvent.RefusalDone => "response.refusal.done",
        ResponseEvent.FunctionCallArgumentsDone => "response.function_call_arguments.done",
        ResponseEvent.CustomToolCallInputDone => "response.custom_tool_call_input.done",
        ResponseEvent.ReasoningSummaryPartAdded => "response.reasoning_summary_part.added",
        ResponseEvent.ReasoningSummaryTextDone => "response.reasoning_summary_text.done",
        ResponseEvent.ReasoningSummaryPartDone => "response.reasoning_summary_part.done",
        ResponseEvent.SteerAccepted => "response.steer.accepted",
        ResponseEvent.InjectCreated => "response.inject.created",
        ResponseEvent.InjectFailed => "response.inject.failed",
        ResponseEvent.Carried carried => carried.Type,
        _ => throw new System.Diagnostics.UnreachableException(e.GetType().Name),
    };

    private static bool IsOpen(ResponseEventOptions? options) => options is { Reasoning: ReasoningNames.OpenResponses };
}
