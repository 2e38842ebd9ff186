using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Parts of stored chains in a database.</summary>
internal sealed class SqlChainSpans(SqlStore store, ChainTexts chains, StoredChainOptions options) : IChainSpans
{
    private readonly SpanTexts _texts = new(store.Dialect);

    public async ValueTask<int?> DepthAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
        await store.ReadAsync((session, deadline) => NumberAsync(session, new(
            _texts.Head, ("@tenant", tenant.Value), ("@id", id.Value), ("@head", isHead ? 1 : 0),
            ("@age", (long)options.AgeMax.TotalMilliseconds)), deadline), caller);

    public async ValueTask<ChainEnd?> EndAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(_texts.End, ("@tenant", tenant.Value), ("@id", id.Value), ("@age", (long)options.AgeMax.TotalMilliseconds)),
            row => new ChainEnd(
                new(row.GetString(0)), row.GetInt32(1), (RowKind)row.GetInt32(2), (int)row.GetInt64(3), row.GetInt64(4)),
            deadline), caller) is [var only] ? only : null;

    public async ValueTask<IReadOnlyList<ChainRow>> ReadAsync(
        TenantId tenant, ResponseId head, int first, int last, CancellationToken caller) =>
        await new ChainPages(store, chains, options, tenant).SpanAsync(
            new(_texts.Span, ("@tenant", tenant.Value), ("@head", head.Value), ("@first", first), ("@last", last)), caller);

    public async ValueTask<int?> FindRowAsync(TenantId tenant, ResponseId head, ResponseId id, CancellationToken caller) =>
        await store.ReadAsync((session, deadline) => FindRowAsync(session, tenant, head, id, deadline), caller);

    public async ValueTask<IReadOnlyDictionary<string, int>> FindItemsAsync(
        TenantId tenant, ResponseId head, IReadOnlyList<string> itemIds, int before, CancellationToken caller)
    {
        if (itemIds.Count == 0) return new Dictionary<string, int>(StringComparer.Ordinal);
        byte[] keys = [.. itemIds.SelectMany(id => ItemKey.Of(tenant, id))];
        var found = await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(_texts.Items, ("@keys", keys), ("@count", itemIds.Count), ("@tenant", tenant.Value), ("@head", head.Value),
                ("@before", before)),
            row => (ItemId: itemIds[row.GetInt32(0)], Depth: row.GetInt32(1)), deadline), caller);
        return found.DistinctBy(static item => item.ItemId, StringComparer.Ordinal).ToDictionary(
            static item => item.ItemId, static item => item.Depth, StringComparer.Ordinal);
    }

    private async Task<int?> FindRowAsync(
        SqlSession session, TenantId tenant, ResponseId head, ResponseId id, CancellationToken deadline)
    {
        (string, object) owner = ("@tenant", tenant.Value), row = ("@id", id.Value);
        if (await NumberAsync(session, new(SpanTexts.Depth, owner, row), deadline) is not { } depth) return null;
        return await NumberAsync(session, new(_texts.IsRow, owner, row, ("@head", head.Value), ("@last", depth)), deadline);
    }

    private static async Task<int?> NumberAsync(SqlSession session, SqlStatement statement, CancellationToken deadline) =>
        await session.ReadAsync(statement, row => row.GetInt32(0), deadline) is [var number] ? number : null;
}
