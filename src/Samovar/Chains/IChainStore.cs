using Samovar.Protocol.Ids;

namespace Samovar.Chains;

/// <summary>Keeps <c>store:true</c> responses by tenant and id. In memory here; SQLite and PostgreSQL implement the same three calls.</summary>
public interface IChainStore
{
    /// <summary>Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>After this returns a continuation can find the node: called before the terminal event is published.</summary>
    ValueTask AddAsync(ChainNode node, CancellationToken nodeStopping);

    ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller);
}
