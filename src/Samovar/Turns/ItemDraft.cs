using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>An item while it is being made: it reports each step as an event, under one id and one index.</summary>
internal abstract class ItemDraft(string id, int index, Action<ResponseEvent> publish)
{
    protected string Id { get; } = id;
    protected int Index { get; } = index;
    protected Action<ResponseEvent> Publish { get; } = publish;

    /// <summary>Says that the item is there.</summary>
    public abstract void Begin();
    public virtual void Add(string text, RawJson logprobs) => throw Misplaced("delta");
    public virtual void AddRefusal(string text) => throw Misplaced("refusal");
    public virtual void Annotate(RawJson annotation) => throw Misplaced("annotation");
    public virtual void AddSummary(string text, int summaryIndex) => throw Misplaced("summary");

    /// <summary>Passes an event of the item on, under the item's own name and place.</summary>
    public virtual void Carry(string type, RawJson json) => Publish(new ResponseEvent.Carried(type, json, Index, Id));

    /// <summary>Closes what is open inside the item; the fold reports that it is done.</summary>
    /// <param name="whole">Its final form, where the backend has it.</param>
    public abstract void Close(Item? whole);

    /// <summary>The closed item's final form, as it is made here.</summary>
    public abstract Item Make(ItemStatus status);

    private InvalidOperationException Misplaced(string what) => new($"A {what} does not belong into a {GetType().Name}.");
}
