namespace Samovar.Stores;

/// <summary>
/// The rows of the nodes that share a database, through one connection that holds this node's lock: as long as the process and the line to
/// it are there, so is the lock. For one caller at a time.
/// </summary>
/// <remarks>
/// All calls throw <see cref="StoreAwayException"/> where the database cannot be reached now; a later call connects anew and takes the lock
/// again.
/// </remarks>
public interface INodeRows : IAsyncDisposable
{
    /// <summary>Writes the row of a new life, takes its lock, and ends former lives of its name whose processes are gone.</summary>
    /// <exception cref="NodeNameTakenException">A node of that name is running.</exception>
    ValueTask BeginAsync(ClusterNode node, CancellationToken caller);

    /// <summary>Says that the life goes on, and what it has to do, and reads all rows.</summary>
    ValueTask<NodesSeen> BeatAsync(Incarnation incarnation, NodeLoad load, CancellationToken caller);

    /// <summary>A life goes on to a later state; it never goes back.</summary>
    /// <param name="reason">Kept with the row, for those who wonder.</param>
    /// <returns>Whether it was this call that did it.</returns>
    ValueTask<bool> MoveAsync(Incarnation incarnation, NodeState state, string reason, CancellationToken caller);
}

/// <summary>What one look at the rows of all nodes has shown.</summary>
/// <param name="Nodes">The dead that were not yet forgotten included.</param>
/// <param name="DatabaseUp">How long the database has run: when it was started again, all locks fell.</param>
public sealed record NodesSeen(IReadOnlyList<NodeSeen> Nodes, TimeSpan DatabaseUp);

/// <param name="Beats">Rises with each beat.</param>
/// <param name="IsLocked">Whether its process holds its lock.</param>
/// <param name="Reason">Why it is in its state; empty where nobody said.</param>
public sealed record NodeSeen(ClusterNode Node, long Beats, bool IsLocked, string Reason);

/// <summary>Two processes were given one name.</summary>
public sealed class NodeNameTakenException(NodeName name)
    : Exception($"A node named '{name}' is running on this database; each needs a name of its own.");
