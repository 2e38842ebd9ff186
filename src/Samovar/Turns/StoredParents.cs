using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Turns;

/// <summary>Parents of a turn that came over HTTP: only what is stored, and nothing kept beside it.</summary>
internal sealed class StoredParents(TenantId tenant, IChainStore store) : IParentSource
{
    public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => store.FindAsync(tenant, id, turnCancelled);
    public ValueTask<Item?> FindItemAsync(string itemId, bool isStored, CancellationToken turnCancelled) =>
        store.FindItemAsync(tenant, itemId, turnCancelled);
    public void Keep(ChainNode node) { }
    public void Fail(TurnRequest request, TurnFailure failure) { }
}
