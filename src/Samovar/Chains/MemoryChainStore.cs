#pragma warning disable // outline: bodies follow
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Stored responses in memory, bounded in count, bytes and age.</summary>
internal sealed class MemoryChainStore(ChainOptions options, TimeProvider time) : IChainStore
{
    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => throw new NotSupportedException($"{options}{time}");
    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) => throw new NotSupportedException();
    public ValueTask AddAsync(ChainNode node, CancellationToken nodeStopping) => throw new NotSupportedException();
    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => throw new NotSupportedException();
}
