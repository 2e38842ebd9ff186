using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>A turn that came from a peer.</summary>
/// <param name="Epoch">Under which its sender found this node to be the owner.</param>
/// <param name="IsTreeBusy">Whether any turn goes on here that will add to the tree.</param>
internal sealed record RelayedTurn(long Epoch, bool IsTreeBusy);

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

    /// <summary>What was tried before.</summary>
    public TurnCourse Course { get; init; }
}
