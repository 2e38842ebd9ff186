using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>A turn that came from a peer.</summary>
/// <param name="Epoch">Under which its sender found this node to be the owner; 0 where it begins a conversation.</param>
/// <param name="IsTreeBusy">Whether any turn goes on here that will add to the tree.</param>
internal sealed record RelayedTurn(long Epoch, bool IsTreeBusy)
{
    /// <summary>Of one that begins a conversation: whether it was sent to this life of the node.</summary>
    public bool IsToSelf { get; init; }

    /// <summary>Of one that begins a conversation: whether there is a stream for it.</summary>
    public bool HasStream { get; init; }
}

/// <summary>All that the place of a turn depends on.</summary>
internal sealed record TurnFacts
{
    /// <summary>This life of this node, and what it may do.</summary>
    public required Incarnation Self { get; init; }
    public required NodeState Standing { get; init; }
    public required TreeOwner Owner { get; init; }

    /// <summary>Under which epoch this life of the node has begun a turn of the same response, 0 where that begins a tree: another copy,
    /// whose reader lost its connection. It goes on, or has ended, with success or without. Null: none was begun.</summary>
    public long? KnownEpoch { get; init; }

    /// <summary>Whether that copy is the one that counts: its tree was not taken from it meanwhile.</summary>
    public bool IsKnown => KnownEpoch is { } known && Owner switch
    {
        TreeOwner.New => known == 0,
        TreeOwner.Held held => held.By == Self && held.Epoch == Math.Max(known, 1),
        _ => false,
    };

    /// <summary>How it came from a peer; null where a client's connection is here.</summary>
    public RelayedTurn? Relayed { get; init; }

    /// <summary>Where a turn begins that may begin anywhere, this node being full; null: here.</summary>
    public ClusterNode? Spare { get; init; }

    /// <summary>The node that was sent such a turn, with its newest state, until it has said that it does not run it; null where none
    /// was.</summary>
    public ClusterNode? Offered { get; init; }

    /// <summary>What was tried before.</summary>
    public TurnCourse Course { get; init; }
}
