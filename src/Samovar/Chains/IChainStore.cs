using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Keeps <c>store:true</c> responses by tenant and id. In memory here; SQLite and PostgreSQL implement the same calls.</summary>
public interface IChainStore
{
    /// <summary>Whether what it keeps outlives the process.</summary>
    bool IsDurable { get; }

    /// <summary>Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>An item of a stored response, for <c>item_reference</c>. Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller);

    /// <summary>After this returns a continuation can find the node: called before the terminal event is published.</summary>
    ValueTask AddAsync(ChainNode node, CancellationToken nodeStopping);

    ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller);
}
