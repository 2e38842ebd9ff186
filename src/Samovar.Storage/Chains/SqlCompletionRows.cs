using System.Data.Common;
using System.Globalization;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Stored chat completions in a database: what of a response's row is beside its body.</summary>
internal sealed class SqlCompletionRows(SqlStore store, StoredChainOptions options) : ICompletionRows
{
    /// <summary>Completions are counted so far, to search by the rarest label: beyond it they all count as many.</summary>
    private const int CountedMax = 1000;
    private readonly LabelTexts _texts = new(store.Dialect);

    private const string SetMetadata =
        "UPDATE chain_row SET metadata = @metadata WHERE tenant = @tenant AND id = @id AND kind = 1 AND deleted = 0";

    public async ValueTask<CompletionRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(_texts.Find, ("@tenant", tenant.Value), ("@id", id.Value), Age), Row, deadline), caller) is [var row] ? row : null;

    public async ValueTask<bool> SetMetadataAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata, CancellationToken caller)
    {
        if (await FindAsync(tenant, id, caller) is not { } known) return false;
        (string, object)[] row = [("@tenant", tenant.Value), ("@id", id.Value)];
        var changed = await store.WriteAsync(
        [
            new(SetMetadata, [.. row, ("@metadata", metadata.ToArray())]),
            new(LabelTexts.RemoveAll, row),
            .. CompletionLabel.Of(known.Model, metadata).Select(label =>
                new SqlStatement(LabelTexts.Add, [.. row, ("@label", LabelKey.Of(tenant, label))])),
        ], metadata.Length, caller);
        return changed[0] == 1;
    }

    public async ValueTask<IReadOnlyList<CompletionRow>> ListAsync(
        TenantId tenant, IReadOnlyList<CompletionLabel> labels, ResponseId? after, bool isDescending, int countMax,
        CancellationToken caller) =>
        await store.ReadAsync(async (session, deadline) =>
        {
            List<(string, object)> values =
                [("@tenant", tenant.Value), ("@after", after?.Value ?? ""), ("@max", countMax), Age];
            var keys = await RarestFirstAsync(session, [.. labels.Distinct().Select(label => LabelKey.Of(tenant, label))], deadline);
            for (var i = 0; i < keys.Length; i++) values.Add((string.Create(CultureInfo.InvariantCulture, $"@label{i}"), keys[i]));
            return await session.ReadAsync(new(_texts.List(keys.Length, isDescending), [.. values]), Row, deadline);
        }, caller);

    private static async Task<byte[][]> RarestFirstAsync(SqlSession session, byte[][] keys, CancellationToken deadline)
    {
        if (keys.Length < 2) return keys;
        var counts = new long[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            counts[i] = await session.ScalarAsync(new(LabelTexts.Count, ("@label", keys[i]), ("@max", CountedMax)), deadline) is long count
                ? count : 0;
        Array.Sort(counts, keys);
        return keys;
    }

    private (string, object) Age => ("@age", (long)options.AgeMax.TotalMilliseconds);

    private static CompletionRow Row(DbDataReader row) =>
        new(new ResponseId(row.GetString(0)), row.GetString(1), row.IsDBNull(2) ? default : (byte[])row.GetValue(2));
}
