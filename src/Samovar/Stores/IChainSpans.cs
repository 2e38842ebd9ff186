using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Parts of stored chains, for lists: a part costs what is in it, however long its chain is.</summary>
/// <remarks>
/// A chain is named by its newest row. All calls throw <see cref="StoreAwayException"/> where the store cannot be reached now.
/// </remarks>
public interface IChainSpans
{
    /// <summary>The depth of a row; null for an unknown, deleted or somebody else's id.</summary>
    /// <param name="isHead">Whether a conversation asks for its newest row, which is there though nobody else finds it.</param>
    ValueTask<int?> DepthAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller);

    /// <summary>What a conversation's newest row says of its chain; null where there is none, or where it was stored before rows said
    /// it.</summary>
    ValueTask<ChainEnd?> EndAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>The rows between two depths, oldest first; those that the chain does not have are missing.</summary>
    ValueTask<IReadOnlyList<ChainRow>> ReadAsync(TenantId tenant, ResponseId head, int first, int last, CancellationToken caller);

    /// <summary>The depth of a row of the chain; null where it is no row of this chain.</summary>
    ValueTask<int?> FindRowAsync(TenantId tenant, ResponseId head, ResponseId id, CancellationToken caller);

    /// <summary>Which of the ids are ids of the chain's own items, and the depth of the oldest row that has one so.</summary>
    /// <param name="before">Rows of this depth and above are not looked at.</param>
    ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        TenantId tenant, ResponseId head, IReadOnlyList<string> itemIds, int before, CancellationToken caller);
}
