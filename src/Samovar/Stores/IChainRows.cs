using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Rows of stored responses that outlive the process. Every call is scoped by tenant.</summary>
/// <remarks>
/// All of them throw <see cref="StoreAwayException"/> where the store cannot be reached or written now; a later call may work again.
/// Calls may come from many threads at once.
/// </remarks>
public interface IChainRows
{
    /// <summary>Whether other processes may add and delete here: what is in memory may be gone.</summary>
    bool IsShared { get; }

    /// <summary>How long a row is found after the newest one was added to its tree: what is in memory of an older response may be gone
    /// here.</summary>
    TimeSpan AgeMax { get; }

    /// <summary>Throws where an append could not work now, at the cost of no round trip while the store is known to be there.</summary>
    ValueTask RequireAsync(CancellationToken caller);

    /// <summary>
    /// Takes a tree of responses for this process: appends of whoever had it before are refused from now on. Costs nothing where this
    /// process has it and no other can take it. A node of several takes what is nobody's, or a dead one's, and nothing else.
    /// </summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="root">Which one; null: it begins with the row that is appended.</param>
    /// <param name="placed">The epoch under which the turn was placed at this node, which then asks nobody; null or 0: that is found out.
    /// Of no account where nodes do not share the store.</param>
    /// <param name="caller">The turn is over.</param>
    /// <exception cref="ChainLostException">The tree is not stored, or no longer.</exception>
    /// <exception cref="ChainElsewhereException">Another node has it, and lives.</exception>
    ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId? root, long? placed, CancellationToken caller);

    /// <summary>
    /// After this returns the row is durable and can be found, and its tree's age begins again.
    /// </summary>
    /// <exception cref="ChainLostException">Another process has taken the tree meanwhile, or its parent is no longer stored.</exception>
    /// <exception cref="StoreFullException">A bound of the tenant, or of a chain's depth, is reached.</exception>
    ValueTask AppendAsync(ChainRow row, CancellationToken caller);

    /// <summary>
    /// The row and those before it, newest first, as far as the caller reads on; none for an unknown, deleted or somebody else's id.
    /// Ancestors come though they were deleted: what was continued is still told by what continues it. Pieces come with each row, ids of
    /// items do not, and the claim says the tree's epoch as it was read.
    /// </summary>
    /// <param name="isHead">Whether a conversation asks for its newest row, which is there though nobody else finds it.</param>
    IAsyncEnumerable<ChainRow> ReadAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller);

    /// <summary>Parts of chains, for lists.</summary>
    IChainSpans Spans { get; }

    /// <summary>Whether the response can still be found, at the cost of one small query.</summary>
    ValueTask<bool> IsThereAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>The newest response that has the item among its own; null for an unknown id and for somebody else's alike.</summary>
    ValueTask<ResponseId?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller);

    /// <summary>The response is found no more; its row goes when nothing continues it.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>
    /// The response was never to be seen, though it may have been stored: it goes, if its tree is still under the claim that it was
    /// appended with, and a conversation that has it as its newest row goes back to the one before. Under another claim it stays: whoever
    /// has the tree now may have found it, and told it as complete.
    /// </summary>
    ValueTask<TakenBack> TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken caller);
}

/// <summary>What became of a response that was to be taken back.</summary>
public enum TakenBack
{
    /// <summary>It is not there; an append that was not answered may bring it yet.</summary>
    Absent,

    /// <summary>It is gone, for good.</summary>
    Removed,

    /// <summary>It is there, and its tree is somebody else's.</summary>
    Left,
}

/// <summary>The store cannot be reached or written now.</summary>
public sealed class StoreAwayException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another process has taken the chain since this one's turn began, or what was continued was deleted meanwhile.</summary>
public sealed class ChainLostException(string message) : Exception(message)
{
    /// <summary>Whether it is that: the response that was continued is no longer stored, whoever has its chain.</summary>
    public bool IsParentGone { get; init; }
}

/// <summary>Another node has the chain, and lives by its row.</summary>
/// <param name="owner">As its row tells of it.</param>
public sealed class ChainElsewhereException(ClusterNode owner) : Exception($"The chain is {owner.Name}'s ({owner.Incarnation}).")
{
    public ClusterNode Owner { get; } = owner;
}

/// <summary>A tenant's bound of stored responses or bytes is reached.</summary>
public sealed class StoreFullException(string message) : Exception(message);
