using System.Globalization;
using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>The full ordered items a turn sees: its parent chain, shared, and what is new. Nothing is copied.</summary>
/// <param name="Parent">The response that is continued; null for a new conversation.</param>
/// <param name="Input">This turn's own items.</param>
public sealed record TurnContext(ChainNode? Parent, IReadOnlyList<Item> Input)
{
    /// <summary>
    /// Where <see cref="Input"/> begins in what the client sent: behind the history that it resent. Below 0 where it begins with what was
    /// added to a conversation meanwhile.
    /// </summary>
    public int InputStart { get; init; }

    /// <summary>
    /// Where each item of <see cref="Input"/> stands in what the client sent, where they are not its own items one by one; below 0 where
    /// it sent none such.
    /// </summary>
    public IReadOnlyList<int>? Places { get; init; }

    /// <summary>What of it the model does not see.</summary>
    internal Clearing Cleared { get; init; } = Clearing.Nothing;

    /// <summary>Whether the client named a conversation, and not a response.</summary>
    public bool IsOfConversation { get; init; }

    /// <summary>The field that the client named its history in.</summary>
    public string ParentParam => IsOfConversation ? "conversation" : "previous_response_id";

    /// <summary>The field that an item came in, for an error about it.</summary>
    /// <param name="at">Its place in <see cref="Input"/>.</param>
    /// <param name="field">A field of it, with its dot.</param>
    public string ParamOf(int at, string field = "") => PlaceOf(at) is >= 0 and var place
        ? string.Create(CultureInfo.InvariantCulture, $"input[{place}]{field}") : ParentParam;

    /// <summary>Where an item stands in what the client sent; below 0 where it did not send it.</summary>
    /// <param name="at">Its place in <see cref="Input"/>.</param>
    public int PlaceOf(int at) => Places is null ? InputStart + at : at < Places.Count ? Places[at] : -1;

    /// <summary>
    /// Whether <see cref="Input"/> is what the client sent with its compaction opened: then its items stand in other places there.
    /// </summary>
    public bool IsOpened { get; init; }

    /// <summary>Whether the turn is the first behind a compaction, so that nothing of its state is there yet.</summary>
    public bool IsFirstBehindCompaction => IsOpened || Parent is { IsOpened: true, State: null };

    /// <summary>Whether what it begins with is a compaction's. Costs the length of the chain.</summary>
    public bool IsBehindCompaction
    {
        get
        {
            for (var node = Parent; node is not null; node = node.Parent)
                if (node.IsOpened) return true;
            return IsOpened;
        }
    }

    /// <summary>Whether the client named no parent but resent the history, and the parent was found by what it says.</summary>
    public bool IsMatched => InputStart > 0;

    /// <summary>Whether the input itself contains earlier turns: the client keeps the state and resends it.</summary>
    public bool IsResent =>
        Parent is null && Input.Any(item => item is IToolCall or IToolOutput or ReasoningItem or MessageItem { Role: Role.Assistant });

    /// <summary>
    /// Every item from the chain's start. Costs the history: only for a cold render, a full upstream body or a check that needs it.
    /// </summary>
    public IEnumerable<Item> AllItems() => Items(static node => node.Input);

    /// <summary>The same as the client has it: with compactions instead of what they stand for.</summary>
    public IEnumerable<Item> ShownItems() => Items(static node => node.Shown);

    private IEnumerable<Item> Items(Func<ChainNode, IReadOnlyList<Item>> inputOf)
    {
        var chain = new Stack<ChainNode>();
        for (var node = Parent; node is not null; node = node.Parent) chain.Push(node);
        foreach (var node in chain)
        {
            foreach (var item in inputOf(node)) yield return item;
            foreach (var item in node.Output) yield return item;
        }
        foreach (var item in Input) yield return item;
    }
}
