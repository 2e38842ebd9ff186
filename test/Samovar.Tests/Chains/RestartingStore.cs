using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Tests.Chains;

/// <summary>A store whose process is another one for every question; one adds to it.</summary>
internal sealed class RestartingStore(Func<IChainStore> open) : IChainStore
{
    private readonly IChainStore _first = open();

    public bool IsDurable => true;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        open().FindAsync(tenant, id, caller);
    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        open().FindHeadAsync(tenant, id, caller);
    public ValueTask<ChainNode?> FindEndAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        open().FindEndAsync(tenant, id, caller);
    public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
        open().FindExcerptAsync(tenant, id, isHead, caller);
    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => open().IsThereAsync(node, caller);
    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        open().FindItemAsync(tenant, itemId, caller);
    public ValueTask<ChainClaim> ClaimAsync(
        TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled) =>
        _first.ClaimAsync(tenant, parent, placed, turnCancelled);
    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping) =>
        _first.AddAsync(node, claim, nodeStopping);
    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => open().DeleteAsync(tenant, id, caller);
    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping) =>
        _first.TakeBackAsync(tenant, id, claim, nodeStopping);
}
