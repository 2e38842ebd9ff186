using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>Where a conversation begins whose client has come to a node that has no stream for it: at the node with the most to
/// spare.</summary>
/// <remarks>
/// A conversation stays where it began, so this is decided once for each, and only for what begins: what goes on is warm where it is. A
/// node is full where a turn would wait for a stream of its engine. Another one has room to spare where nothing waits and, beside the
/// stream that it gives, a quarter of all are free: nodes that are nearly full send each other nothing. What a node has told of itself is
/// a beat old; so one that is sent a conversation looks at itself once more, and may refuse. Nodes that do not say how many streams they
/// have (upstreams alone, several models, an older version) neither send any nor are sent any.
/// </remarks>
internal static class NewChains
{
    private const int SpareShare = 4;
    private const double Whole = 1000; // shares of streams that differ by less are equal

    /// <summary>Whether a turn that begins now has a stream.</summary>
    public static bool HasStream(NodeLoad load) => Free(load) > 0 && load.TurnsWaiting == 0;

    /// <summary>The node that a conversation is sent to; null where it begins here.</summary>
    /// <param name="own">What this node has to do at this moment.</param>
    /// <param name="nodes">All whose rows are there.</param>
    public static ClusterNode? Elsewhere(Incarnation self, NodeLoad own, IEnumerable<ClusterNode> nodes) => !IsFull(own) ? null : nodes
        .Where(node => node.State == NodeState.Active && node.Incarnation != self && HasRoomToSpare(node.Load))
        .OrderByDescending(static node => (int)(Whole * Free(node.Load) / node.Load.Streams))
        .ThenBy(static node => node.Load.ParkedBytes).ThenBy(static node => node.Name.Value, StringComparer.Ordinal)
        .FirstOrDefault();

    private static bool IsFull(NodeLoad load) => load.Streams > 0 && load.StreamsBusy >= load.Streams;

    private static bool HasRoomToSpare(NodeLoad load) => HasStream(load) && Free(load) > load.Streams / SpareShare;

    /// <summary>A turn that has its place, and has not come to the engine yet, will need a stream.</summary>
    private static int Free(NodeLoad load) => load.Streams - Math.Max(load.StreamsBusy, load.TurnsRunning);
}
