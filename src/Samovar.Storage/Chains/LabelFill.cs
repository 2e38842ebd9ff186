using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Gives labels to chat completions that were stored before there were any.</summary>
internal static class LabelFill
{
    private const int AtOnce = 500;

    private const string Next = """
        SELECT seq, tenant, model, metadata FROM chain_row WHERE kind = 1 AND deleted = 0 AND seq > @after ORDER BY seq LIMIT @max
        """;

    private const string Add = "INSERT INTO completion_label (label, row_seq) VALUES (@label, @row) ON CONFLICT DO NOTHING";

    public static async Task RunAsync(SqlSession session, CancellationToken deadline)
    {
        for (var after = 0L; ;)
        {
            var rows = await session.ReadAsync(new(Next, ("@after", after), ("@max", AtOnce)), row => (
                Seq: row.GetInt64(0), Tenant: new TenantId(row.GetString(1)), Model: row.GetString(2),
                Metadata: row.IsDBNull(3) ? [] : (byte[])row.GetValue(3)), deadline);
            if (rows.Count == 0) return;
            await session.ExecuteAllAsync(
                [.. rows.SelectMany(row => CompletionLabel.Of(row.Model, row.Metadata).Select(label =>
                    new SqlStatement(Add, ("@label", LabelKey.Of(row.Tenant, label)), ("@row", row.Seq))))], _ => { }, deadline);
            after = rows[^1].Seq;
        }
    }
}
