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

    /// <summary>Whether this life of the node has begun a turn of the same response: another copy, whose reader lost its connection. It
    /// goes on, or has ended, with success or without.</summary>
    public bool IsKnown { get; init; }

    /// <summary>How it came from a peer; null where a client's connection is here.</summary>
    public RelayedTurn? Relayed { get; init; }

    /// <summary>What was tried before.</summary>
    public TurnCourse Course { get; init; }
}
