using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>Parts of chains, read from the whole.</summary>
internal sealed class MemoryChainSpans(MemoryChainRows rows) : IChainSpans
{
    public async ValueTask<int?> DepthAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
        (await ChainAsync(tenant, id, isHead, caller)) is [.., var newest] ? newest.Depth : null;

    public async ValueTask<ChainEnd?> EndAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        (await ChainAsync(tenant, id, isHead: true, caller)) is [.., { ChainBytes: > 0 } newest]
            ? new(newest.Root, newest.Depth, newest.Kind, newest.ChainItems, newest.ChainBytes) : null;

    public async ValueTask<IReadOnlyList<ChainRow>> ReadAsync(
        TenantId tenant, ResponseId head, int first, int last, CancellationToken caller) =>
        (await ChainAsync(tenant, head, isHead: true, caller)).FindAll(row => row.Depth >= first && row.Depth <= last);

    public async ValueTask<int?> FindRowAsync(TenantId tenant, ResponseId head, ResponseId id, CancellationToken caller) =>
        (await ChainAsync(tenant, head, isHead: true, caller)).Find(row => row.Id == id)?.Depth;

    public async ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        TenantId tenant, ResponseId head, IReadOnlyList<string> itemIds, int before, CancellationToken caller)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in await ChainAsync(tenant, head, isHead: true, caller))
            foreach (var id in itemIds)
                if (row.Depth < before && rows.ItemIdsOf(tenant, row.Id).Contains(id, StringComparer.Ordinal)) found.TryAdd(id, row.Depth);
        return found;
    }

    private async Task<List<ChainRow>> ChainAsync(TenantId tenant, ResponseId head, bool isHead, CancellationToken caller)
    {
        var chain = new List<ChainRow>();
        await foreach (var row in rows.ReadAsync(tenant, head, isHead, caller)) chain.Insert(0, row);
        return chain;
    }
}
