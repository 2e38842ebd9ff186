using System.Data.Common;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Running;

/// <summary>Background turns in a database.</summary>
/// <remarks>
/// A row's end is written by compare and set: two processes that both notice a dead one write one end. A file has one process, so whatever
/// another one left there is of a dead one. Of a node that its row calls dead nobody waits for the process to be silent for long.
/// </remarks>
internal sealed class SqlRunningRows(SqlStore store) : IRunningRows
{
    private const int LeftMax = 64;
    private const string Columns = "tenant, id, process, started_at, ended_at, snapshot";

    private readonly string _now = store.Dialect.Text("SELECT {now}");

    private readonly string _seen = store.Dialect.Text("""
        INSERT INTO running_process (process, seen_at) VALUES (@process, {now})
        ON CONFLICT (process) DO UPDATE SET seen_at = excluded.seen_at
        """);

    private readonly string _forget = store.Dialect.Text("DELETE FROM running_row WHERE ended_at < {now} - @kept");

    private readonly string _forgetProcesses = store.Dialect.Text("""
        DELETE FROM running_process WHERE seen_at < {now} - @dead
        AND NOT EXISTS (SELECT 1 FROM running_row r WHERE r.process = running_process.process AND r.ended_at IS NULL)
        """);

    private readonly string _left = store.Dialect.Text($$"""
        SELECT {{Columns}} FROM running_row WHERE ended_at IS NULL AND process <> @process AND (@alone = 1
            OR {{store.Dialect.IsOver("running_row.process")}} OR @judges = 1 AND NOT EXISTS (
            SELECT 1 FROM running_process p WHERE p.process = running_row.process AND p.seen_at >= {now} - @dead))
        ORDER BY seq LIMIT @max
        """);

    private readonly string _end = store.Dialect.Text("""
        UPDATE running_row SET ended_at = {now}, snapshot = @snapshot, size = @size + coalesce(length(input), 0)
        WHERE tenant = @tenant AND id = @id AND ended_at IS NULL
        """);

    private const string MakeRoom = """
        DELETE FROM running_row WHERE seq IN (SELECT seq FROM (
            SELECT seq, row_number() OVER newest AS place, sum(size) OVER newest AS bytes FROM running_row
            WHERE tenant = @tenant AND ended_at IS NOT NULL WINDOW newest AS (ORDER BY ended_at DESC, seq DESC)) ended
        WHERE place > 1 AND (place > @count OR bytes > @bytes))
        """;

    private const string Note = """
        INSERT INTO running_row (tenant, id, process, started_at, snapshot, parent, input, size)
        VALUES (@tenant, @id, @process, @started, @snapshot, @parent, @input, @size)
        """;

    public async ValueTask NoteAsync(RunningRow row, RunningRowInput input, CancellationToken caller)
    {
        var bytes = (long)row.Snapshot.Length + input.Items.Length;
        await store.WriteAsync(
        [
            new(Note, [.. Key(row.Tenant, row.Id), ("@process", row.Process), ("@started", row.StartedAt.UtcTicks),
                ("@snapshot", row.Snapshot.ToArray()), ("@parent", input.Parent is { } parent ? parent.Value : DBNull.Value),
                ("@input", input.Items.ToArray()), ("@size", bytes)]),
        ], bytes, caller);
    }

    public async ValueTask<bool> EndAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> snapshot, RunningRowRoom room, CancellationToken caller)
    {
        var changed = await store.WriteAsync(
        [
            new(_end, [.. Key(tenant, id), ("@snapshot", snapshot.ToArray()), ("@size", (long)snapshot.Length)]),
            new(MakeRoom, ("@tenant", tenant.Value), ("@count", (long)room.CountMax), ("@bytes", room.BytesMax)),
        ], snapshot.Length, caller);
        return changed[0] == 1;
    }

    public async ValueTask<RunningRowInput?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var found = await store.ReadAsync((session, deadline) => session.ReadAsync(
            new("SELECT parent, input FROM running_row WHERE tenant = @tenant AND id = @id AND input IS NOT NULL", Key(tenant, id)),
            static row => new RunningRowInput(
                row.IsDBNull(0) ? null : new ResponseId(row.GetString(0)), (byte[])row.GetValue(1)), deadline), caller);
        return found is [var input] ? input : null;
    }

    public async ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var found = await store.ReadAsync((session, deadline) => session.ReadAsync(
            new($"SELECT {Columns} FROM running_row WHERE tenant = @tenant AND id = @id", Key(tenant, id)), Row, deadline), caller);
        return found is [var row] ? row : null;
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var changed = await store.WriteAsync(
            [new("DELETE FROM running_row WHERE tenant = @tenant AND id = @id", Key(tenant, id))], bytes: 0, caller);
        return changed[0] == 1;
    }

    public async ValueTask<DateTimeOffset> NowAsync(CancellationToken caller) => DateTimeOffset.FromUnixTimeMilliseconds(
        (long)(await store.ReadAsync((session, deadline) => session.ScalarAsync(new(_now), deadline), caller))!);

    public async ValueTask<IReadOnlyList<RunningRow>> RenewAsync(ProcessLease lease, CancellationToken caller)
    {
        (string, object) process = ("@process", lease.Process), dead = ("@dead", (long)lease.DeadAfter.TotalMilliseconds);
        List<SqlStatement> statements = [new(_seen, process), new(_forgetProcesses, dead)];
        if (lease.KeptFor is { } kept) statements.Add(new(_forget, ("@kept", (long)kept.TotalMilliseconds)));
        await store.WriteAsync(statements, bytes: 0, caller);
        return await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(_left, process, dead, ("@alone", store.IsShared ? 0 : 1), ("@judges", lease.MayJudge ? 1 : 0),
                ("@max", LeftMax)), Row, deadline), caller);
    }

    private static (string, object)[] Key(TenantId tenant, ResponseId id) => [("@tenant", tenant.Value), ("@id", id.Value)];

    private static RunningRow Row(DbDataReader row) => new()
    {
        Tenant = new TenantId(row.GetString(0)),
        Id = new ResponseId(row.GetString(1)),
        Process = row.GetString(2),
        StartedAt = new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero),
        IsEnded = !row.IsDBNull(4),
        Snapshot = (byte[])row.GetValue(5),
    };
}
