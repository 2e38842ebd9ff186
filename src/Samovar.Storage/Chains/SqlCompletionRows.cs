using System.Data.Common;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Stored chat completions in a database: what of a response's row is beside its body.</summary>
internal sealed class SqlCompletionRows(SqlStore store, StoredChainOptions options) : ICompletionRows
{
    private const string Columns = "r.id, r.model, r.metadata";
    private const string Alive = "r.kind = 1 AND r.deleted = 0 AND t.expired = 0 AND (t.used_at >= {now} - @age " +
        "OR EXISTS (SELECT 1 FROM conversation k WHERE k.tree = t.seq))";
    private const string Of = $"FROM chain_row r JOIN chain_tree t ON t.seq = r.tree WHERE r.tenant = @tenant AND {Alive}";

    private readonly string _find = store.Dialect.Text($"SELECT {Columns} {Of} AND r.id = @id");
    private readonly string _ascending = store.Dialect.Text($"""
        SELECT {Columns} {Of} AND r.seq > (SELECT coalesce(max(a.seq), 0) FROM chain_row a WHERE a.tenant = @tenant AND a.id = @after)
        ORDER BY r.seq LIMIT @max
        """);

    private readonly string _descending = store.Dialect.Text($"""
        SELECT {Columns} {Of} AND (@after = '' OR r.seq < (SELECT a.seq FROM chain_row a WHERE a.tenant = @tenant AND a.id = @after))
        ORDER BY r.seq DESC LIMIT @max
        """);

    private const string SetMetadata =
        "UPDATE chain_row SET metadata = @metadata WHERE tenant = @tenant AND id = @id AND kind = 1 AND deleted = 0";

    public async ValueTask<CompletionRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await ReadAsync(new(_find, ("@tenant", tenant.Value), ("@id", id.Value), Age), caller) is [var row] ? row : null;

    public async ValueTask<bool> SetMetadataAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata, CancellationToken caller)
    {
        var changed = await store.WriteAsync(
            [new(SetMetadata, ("@tenant", tenant.Value), ("@id", id.Value), ("@metadata", metadata.ToArray()))], metadata.Length, caller);
        return changed[0] == 1;
    }

    public async ValueTask<IReadOnlyList<CompletionRow>> ListAsync(
        TenantId tenant, ResponseId? after, bool isDescending, int countMax, CancellationToken caller) => await ReadAsync(
        new(isDescending ? _descending : _ascending, ("@tenant", tenant.Value), ("@after", after?.Value ?? ""), ("@max", countMax), Age),
        caller);

    private Task<List<CompletionRow>> ReadAsync(SqlStatement statement, CancellationToken caller) =>
        store.ReadAsync((session, deadline) => session.ReadAsync(statement, Row, deadline), caller);

    private (string, object) Age => ("@age", (long)options.AgeMax.TotalMilliseconds);

    private static CompletionRow Row(DbDataReader row) =>
        new(new ResponseId(row.GetString(0)), row.GetString(1), row.IsDBNull(2) ? default : (byte[])row.GetValue(2));
}
