using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>A store that outlives a server, as far as a test starts another one with it.</summary>
internal sealed class LastingStore(IChainStore store) : IChainStore
{
    public bool IsDurable => true;

    /// <summary>The store cannot be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>What is stored is there, and cannot be read.</summary>
    public bool IsUnreadable { get; set; }

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        RequireThere();
        return IsUnreadable ? throw new ApiException(Errors.StoredUnreadable, [id, "broken"]) : store.FindAsync(tenant, id, caller);
    }

    public ValueTask<Response?> FindResponseAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        RequireThere();
        return IsUnreadable ? throw new ApiException(Errors.StoredUnreadable, [id, "broken"]) : store.FindResponseAsync(tenant, id, caller);
    }

    public ChainNode? Peek(TenantId tenant, ResponseId id) => store.Peek(tenant, id);

    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        store.FindHeadAsync(tenant, id, caller);

    public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller)
    {
        RequireThere();
        return store.FindExcerptAsync(tenant, id, isHead, caller);
    }

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        store.FindItemAsync(tenant, itemId, caller);

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => store.IsThereAsync(node, caller);

    public ValueTask<bool> WasDeletedAsync(ChainNode node, CancellationToken caller) => store.WasDeletedAsync(node, caller);

    public ValueTask<ChainClaim> ClaimAsync(
        TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled) =>
        store.ClaimAsync(tenant, parent, placed, turnCancelled);

    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping) =>
        store.AddAsync(node, claim, nodeStopping);

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping) =>
        store.TakeBackAsync(tenant, id, claim, nodeStopping);

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => store.DeleteAsync(tenant, id, caller);

    private void RequireThere()
    {
        if (IsAway) throw StoreCalls.Unavailable(cause: null);
    }
}
