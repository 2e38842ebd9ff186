using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Testing.Stores;

/// <summary>A store that outlives a server, as far as a test starts another one with it.</summary>
internal sealed class LastingStore(IChainStore store) : IChainStore
{
    public bool IsDurable => true;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => store.FindAsync(tenant, id, caller);

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        store.FindItemAsync(tenant, itemId, caller);

    public ValueTask AddAsync(ChainNode node, CancellationToken nodeStopping) => store.AddAsync(node, nodeStopping);

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => store.DeleteAsync(tenant, id, caller);
}
