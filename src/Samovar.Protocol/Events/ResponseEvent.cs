using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>One event of a turn, as it goes to clients. Its number is given when it is appended to the turn's log; <c>EventWriter</c>
/// writes it.</summary>
public abstract record ResponseEvent
{
    private ResponseEvent() { }

    /// <summary>Whether nothing may follow.</summary>
    public virtual bool IsTerminal => false;

    public sealed record Created(Response Response) : ResponseEvent;
    public sealed record Queued(Response Response) : ResponseEvent;
    public sealed record InProgress(Response Response) : ResponseEvent;
    public sealed record Completed(Response Response) : ResponseEvent { public override bool IsTerminal => true; }
    public sealed record Failed(Response Response) : ResponseEvent { public override bool IsTerminal => true; }
    public sealed record Incomplete(Response Response) : ResponseEvent { public override bool IsTerminal => true; }

    /// <summary>The item with its final content still missing: written from its kind by <c>ItemWriter</c>.</summary>
    public sealed record OutputItemAdded(int OutputIndex, RawJson Item) : ResponseEvent;
    public sealed record OutputItemDone(int OutputIndex, Item Item) : ResponseEvent;
    public sealed record ContentPartAdded(string ItemId, int OutputIndex, int ContentIndex, PartKind Kind) : ResponseEvent;
    public sealed record ContentPartDone(string ItemId, int OutputIndex, int ContentIndex, PartKind Kind, string Text,
        RawJson Logprobs, RawJson Annotations = default) : ResponseEvent;
    public sealed record OutputTextDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta, RawJson Logprobs) : ResponseEvent;
    public sealed record OutputTextDone(string ItemId, int OutputIndex, int ContentIndex, string Text, RawJson Logprobs) : ResponseEvent;
    public sealed record RefusalDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta) : ResponseEvent;
    public sealed record RefusalDone(string ItemId, int OutputIndex, int ContentIndex, string Refusal) : ResponseEvent;
    public sealed record FunctionCallArgumentsDelta(string ItemId, int OutputIndex, string Delta) : ResponseEvent;
    public sealed record FunctionCallArgumentsDone(string ItemId, int OutputIndex, string Arguments, string? Name = null) : ResponseEvent;
    public sealed record CustomToolCallInputDelta(string ItemId, int OutputIndex, string Delta) : ResponseEvent;
    public sealed record CustomToolCallInputDone(string ItemId, int OutputIndex, string Input) : ResponseEvent;
    public sealed record ReasoningTextDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta) : ResponseEvent;
    public sealed record ReasoningTextDone(string ItemId, int OutputIndex, int ContentIndex, string Text) : ResponseEvent;
    public sealed record ReasoningSummaryPartAdded(string ItemId, int OutputIndex, int SummaryIndex) : ResponseEvent;
    public sealed record ReasoningSummaryTextDelta(string ItemId, int OutputIndex, int SummaryIndex, string Delta) : ResponseEvent;
    public sealed record ReasoningSummaryTextDone(string ItemId, int OutputIndex, int SummaryIndex, string Text) : ResponseEvent;
    public sealed record ReasoningSummaryPartDone(string ItemId, int OutputIndex, int SummaryIndex, string Text) : ResponseEvent;

    /// <summary>What the user said meanwhile is queued, for the response that follows.</summary>
    public sealed record SteerAccepted(SteerId Steer, ResponseId Response) : ResponseEvent;

    /// <summary>Outputs of calls are queued, for the response that follows.</summary>
    public sealed record InjectCreated(ResponseId Response) : ResponseEvent;

    /// <summary>Outputs of calls are refused by who makes the response.</summary>
    /// <param name="Input">As the client gave them.</param>
    public sealed record InjectFailed(ResponseId Response, RawJson Input, ApiException Error) : ResponseEvent;

    /// <summary>An upstream's event of a kind that is only carried; <c>sequence_number</c> is rewritten.</summary>
    /// <param name="OutputIndex">Stands in the event's place where it has one; null leaves it as it came.</param>
    /// <param name="ItemId">As above.</param>
    public sealed record Carried(string Type, RawJson Json, int? OutputIndex = null, string? ItemId = null) : ResponseEvent;
}
