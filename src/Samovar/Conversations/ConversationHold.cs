using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Conversations;

/// <summary>A conversation that one turn, or one change, works on: nobody else changes it until this is disposed.</summary>
/// <remarks>
/// Items that were added without a turn are no parent: a turn brings them along in front of its own input, so that it continues the
/// response before them at the cost of what is new, and what had them is not needed any more.
/// </remarks>
internal sealed class ConversationHold : IAsyncDisposable
{
    private readonly ConversationRow _row;
    private readonly int _itemsMax;
    private readonly Func<ConversationRow, bool, ValueTask>? _unlock;
    private bool _isOver;

    /// <param name="head">The newest row of its chain; null where it has none.</param>
    /// <param name="unlock">Gives it back, moved or not; null where it is only looked at.</param>
    public ConversationHold(ConversationRow row, ChainNode? head, int itemsMax, Func<ConversationRow, bool, ValueTask>? unlock)
    {
        (_row, _itemsMax, _unlock, Head) = (row, itemsMax, unlock, head);
        var added = new List<IReadOnlyList<Item>>();
        for (; head is { Kind: RowKind.Items }; head = head.Parent) added.Add(head.Input);
        added.Reverse();
        (Parent, Added) = (head, [.. added.SelectMany(static items => items)]);
    }

    public ChainNode? Head { get; }

    /// <summary>The newest response; null where it has none.</summary>
    public ChainNode? Parent { get; }

    /// <summary>Items that were added behind it.</summary>
    public IReadOnlyList<Item> Added { get; }

    /// <summary>The right to append, and to have the conversation go on from there.</summary>
    public ChainClaim Claim(ChainClaim claim) => claim with
    {
        Conversation = new(_row.Id, _row.Version, _row.Head) { BeforeRoot = Head?.Root, Former = _row.Former },
    };

    /// <exception cref="ApiException">There is no room for so many items more.</exception>
    public void RequireRoom(int items, string param)
    {
        var count = (Head?.ChainItemCount ?? 0) + items;
        if (count > _itemsMax) throw new ApiException(Errors.ChainTooLong, [count, "items", _itemsMax], param);
    }

    /// <summary>Its head was moved: others may go on from there, before anybody sees it.</summary>
    public ValueTask MovedAsync() => EndAsync(isMoved: true);

    public ValueTask DisposeAsync() => EndAsync(isMoved: false);

    private ValueTask EndAsync(bool isMoved)
    {
        if (_isOver || _unlock is null) return ValueTask.CompletedTask;
        _isOver = true;
        return _unlock(_row, isMoved);
    }
}
