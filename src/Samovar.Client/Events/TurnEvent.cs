using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Events;

/// <summary>What happens in a turn. Each event comes once and in its order, over however many links the turn was read.</summary>
public abstract record TurnEvent
{
    private TurnEvent() { }

    /// <summary>The event's name on the wire.</summary>
    public string Type { get; init; } = "";

    /// <summary>The whole event as it came; empty for what only the client says.</summary>
    public RawJson Json { get; init; }

    /// <summary>Its number within its response.</summary>
    public long? SequenceNumber { get; init; }

    /// <summary>Whether nothing of its response follows.</summary>
    public virtual bool IsTerminal => false;

    public sealed record Created(ResponseView Response) : TurnEvent;
    public sealed record Queued(ResponseView Response) : TurnEvent;
    public sealed record InProgress(ResponseView Response) : TurnEvent;
    public sealed record Completed(ResponseView Response) : TurnEvent { public override bool IsTerminal => true; }

    /// <summary>It ended before the model did. With the reason <c>steered</c> another response follows by itself.</summary>
    public sealed record Incomplete(ResponseView Response) : TurnEvent { public override bool IsTerminal => true; }
    public sealed record Failed(ResponseView Response) : TurnEvent { public override bool IsTerminal => true; }
    public sealed record ItemAdded(int OutputIndex, Item Item) : TurnEvent;
    public sealed record ItemDone(int OutputIndex, Item Item) : TurnEvent;
    public sealed record PartAdded(string ItemId, int OutputIndex, int ContentIndex, RawJson Part) : TurnEvent;
    public sealed record PartDone(string ItemId, int OutputIndex, int ContentIndex, RawJson Part) : TurnEvent;
    public sealed record TextDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta) : TurnEvent;
    public sealed record TextDone(string ItemId, int OutputIndex, int ContentIndex, string Text) : TurnEvent;
    public sealed record RefusalDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta) : TurnEvent;
    public sealed record RefusalDone(string ItemId, int OutputIndex, int ContentIndex, string Refusal) : TurnEvent;
    public sealed record ReasoningDelta(string ItemId, int OutputIndex, int ContentIndex, string Delta) : TurnEvent;
    public sealed record ReasoningDone(string ItemId, int OutputIndex, int ContentIndex, string Text) : TurnEvent;
    public sealed record SummaryDelta(string ItemId, int OutputIndex, int SummaryIndex, string Delta) : TurnEvent;
    public sealed record SummaryDone(string ItemId, int OutputIndex, int SummaryIndex, string Text) : TurnEvent;
    public sealed record ArgumentsDelta(string ItemId, int OutputIndex, string Delta) : TurnEvent;
    public sealed record ArgumentsDone(string ItemId, int OutputIndex, string Arguments) : TurnEvent;
    public sealed record CustomInputDelta(string ItemId, int OutputIndex, string Delta) : TurnEvent;
    public sealed record CustomInputDone(string ItemId, int OutputIndex, string Input) : TurnEvent;

    /// <summary>Words of the user are queued for the response that follows.</summary>
    public sealed record SteerAccepted(string SteerId) : TurnEvent;

    /// <summary>Such words wait for outputs of calls, and come with the lane's next turn.</summary>
    public sealed record SteerPending(string SteerId) : TurnEvent;

    /// <summary>Such words became nothing.</summary>
    public sealed record SteerFailed(string? SteerId, string? Code, string Message) : TurnEvent;

    /// <summary>
    /// The client's own: the server lost the turn, which begins anew. All that came of it is void; what follows is the whole of it.
    /// </summary>
    public sealed record Restarted(string? LostResponseId) : TurnEvent;

    /// <summary>An event that is not known here.</summary>
    public sealed record Other : TurnEvent;
}
