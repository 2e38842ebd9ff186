using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Turns;

/// <summary>Parents of a turn that came over HTTP: only what is stored, and nothing kept beside it.</summary>
internal sealed class StoredParents(TenantId tenant, IChainStore store) : IParentSource
{
    public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => store.FindAsync(tenant, id, turnCancelled);
    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) => store.IsThereAsync(node, turnCancelled);
    public async ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled)
    {
        var items = new ChainItems([.. ids]);
        foreach (var id in ids) items.Note(await ListedItems.FindAsync(store, tenant, id, turnCancelled));
        return items.Found;
    }

    public void Keep(ChainNode node) { }
    public void Fail(ResponseId? previous, TurnFailure failure) { }
}
