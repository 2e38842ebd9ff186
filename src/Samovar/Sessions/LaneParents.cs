using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>The chains that a lane's turn can continue: the connection's own first, then the tenant's stored ones.</summary>
/// <param name="namesParent">Whether the frame itself named its parent. A bare frame names none, so it may be sent again after a
/// failure.</param>
internal sealed class LaneParents(TenantId tenant, LaneId lane, bool namesParent, LaneCache cache, IChainStore store) : IParentSource
{
    public async ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled)
    {
        if (cache.Find(id) is not { } node) return await store.FindAsync(tenant, id, turnCancelled);
        return await MayGoOnAsync(node, turnCancelled) ? node : null;
    }

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) =>
        cache.Find(node.Id) is { } kept ? MayGoOnAsync(kept, turnCancelled) : store.IsThereAsync(node, turnCancelled);

    /// <summary>What is deleted is deleted for those, too, who have it in memory.</summary>
    private async ValueTask<bool> MayGoOnAsync(ChainNode node, CancellationToken turnCancelled) =>
        !node.Store || !await store.WasDeletedAsync(node, turnCancelled);

    public async ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled)
    {
        var items = new ChainItems([.. ids]);
        if (!isStored)
            foreach (var newest in cache.Newest())
                if (await MayGoOnAsync(newest, turnCancelled)) items.Walk(newest); // what is not stored needs no store
        foreach (var id in ids)
            if (!items.Found.ContainsKey(id)) items.Note(await ListedItems.FindAsync(store, tenant, id, turnCancelled));
        return items.Found;
    }

    public void Keep(ChainNode node) => cache.Keep(lane, node);
    public void Lose(ResponseId id) => cache.Lose(lane, id);

    public void Fail(ResponseId? previous, TurnFailure failure)
    {
        // A refusal for lack of room says nothing about the chain, and a client that cancels may go on from where it was.
        if (failure == TurnFailure.ParentNotFound || failure == TurnFailure.Failed && namesParent) cache.NoteFailure(lane, previous);
    }
}
