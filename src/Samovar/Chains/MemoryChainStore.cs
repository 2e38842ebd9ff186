using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Stored responses in memory alone: what is evicted, or the process had, is gone.</summary>
internal sealed class MemoryChainStore(ChainOptions options, TimeProvider time, ChainMetrics metrics,
    ILogger<MemoryChainStore> logger, KeptNodes? kept = null) : IChainStore
{
    private readonly ChainCache _nodes = new(options, time, metrics.Dropped, logger, kept);

    /// <summary>Responses that can be found.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes of all nodes that are kept in memory by findable ones.</summary>
    public long Bytes => _nodes.Bytes;

    public bool IsDurable => false;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(_nodes.Find(tenant, id));

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => new(_nodes.Find(node.Tenant, node.Id) is not null);

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) => new(_nodes.FindItem(tenant, itemId));

    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ChainNode? parent, CancellationToken turnCancelled) => new(ChainClaim.New);

    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
    {
        _nodes.Add(node, out var isNew);
        if (!isNew) throw new InvalidOperationException($"{node.Id} is stored already.");
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(_nodes.Remove(tenant, id));

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, CancellationToken nodeStopping)
    {
        _nodes.Remove(tenant, id);
        return ValueTask.CompletedTask;
    }
}
