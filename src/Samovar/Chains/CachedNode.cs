namespace Samovar.Chains;

/// <summary>A node that is kept in memory, and where it stands there.</summary>
internal sealed class CachedNode(ChainNode node)
{
    public ChainNode Node { get; } = node;
    public int Children { get; set; }

    /// <summary>Null: only kept by its children.</summary>
    public DateTimeOffset? FindableUntil { get; set; }
    public bool IsFindable => FindableUntil is not null;
    public LinkedListNode<CachedNode>? End { get; set; }
    public LinkedListNode<CachedNode>? Aged { get; set; }

    /// <summary>Where its items stand among those that can be found by id.</summary>
    public ItemPlace? Items { get; set; }
}
