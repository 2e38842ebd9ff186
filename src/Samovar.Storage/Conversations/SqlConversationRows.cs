using System.Data.Common;
using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Conversations;

/// <summary>Conversations in a database.</summary>
/// <remarks>
/// A lock that others share is written by compare and set on the version and changes it, so that whoever lost it moves the head no more.
/// A file has one process: there a lock is that process's own, and costs no write. A process knows what it has locked: a lock of its own
/// that it does not know was written too late for whoever wanted it, and is nobody's.
/// </remarks>
/// <param name="process">Names this process among those that share the database.</param>
internal sealed class SqlConversationRows(SqlStore store, ChainTexts chains, string process) : IConversationRows
{
    private readonly Lock _gate = new();
    private readonly HashSet<(TenantId, ConversationId)> _locked = [];

    private readonly string _find = store.Dialect.Text($$"""
        SELECT c.created_at, c.metadata, r.id, c.version,
          CASE WHEN c.locked_by NOT IN ('', @process) AND c.locked_until > {now} AND NOT {{store.Dialect.IsOver("c.locked_by")}}
            THEN 1 ELSE 0 END, b.id, t.root
        FROM conversation c LEFT JOIN chain_row r ON r.seq = c.head LEFT JOIN chain_row b ON b.seq = c.before AND b.tenant = c.tenant
          LEFT JOIN chain_tree t ON t.seq = b.tree WHERE c.tenant = @tenant AND c.id = @conversation
        """);

    private readonly string _lock = store.Dialect.Text($$"""
        UPDATE conversation SET version = version + 1, locked_by = @process, locked_until = {now} + @lock
        WHERE tenant = @tenant AND id = @conversation AND version = @version
          AND (locked_by IN ('', @process) OR locked_until <= {now} OR {{store.Dialect.IsOver("conversation.locked_by")}})
        """);

    private readonly string _renew = store.Dialect.Text("""
        UPDATE conversation SET locked_until = {now} + @lock
        WHERE tenant = @tenant AND id = @conversation AND locked_by = @process
        """);

    private const string Create = """
        INSERT INTO conversation (tenant, id, created_at, metadata, version, writer, locked_by, locked_until)
        SELECT @tenant, @conversation, @created, @metadata, 0, '', '', 0
        WHERE (SELECT count(*) FROM conversation WHERE tenant = @tenant) < @max
        """;

    private const string Unlock = """
        UPDATE conversation SET locked_by = '', locked_until = 0
        WHERE tenant = @tenant AND id = @conversation AND version = @version AND locked_by = @process
        """;

    private const string Heads = "SELECT r.id, r.tree FROM conversation c JOIN chain_row r ON r.seq = c.head OR r.seq = c.before " +
        "WHERE c.tenant = @tenant AND c.id = @conversation AND r.tenant = @tenant";

    public async ValueTask CreateAsync(ConversationRow row, long countMax, CancellationToken caller)
    {
        var changed = await store.WriteAsync(
        [
            new(Create, [.. Key(row.Tenant, row.Id), ("@created", row.CreatedAt.UtcTicks), ("@metadata", row.Metadata.ToArray()),
                ("@max", countMax)]),
        ], row.Metadata.Length, caller);
        if (changed[0] == 0) throw new StoreFullException($"The bound of {countMax} conversations is reached.");
    }

    public async ValueTask<ConversationRow?> FindAsync(TenantId tenant, ConversationId id, CancellationToken caller) =>
        (await ReadAsync(tenant, id, caller))?.Row;

    public async ValueTask<bool> SetMetadataAsync(
        TenantId tenant, ConversationId id, ReadOnlyMemory<byte> metadata, CancellationToken caller)
    {
        var changed = await store.WriteAsync(
        [
            new("UPDATE conversation SET metadata = @metadata WHERE tenant = @tenant AND id = @conversation",
                [.. Key(tenant, id), ("@metadata", metadata.ToArray())]),
        ], metadata.Length, caller);
        return changed[0] == 1;
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        var heads = await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(Heads, Key(tenant, id)), row => (Id: row.GetString(0), Tree: row.GetInt64(1)), deadline), caller);
        List<SqlStatement> statements = [new("DELETE FROM conversation WHERE tenant = @tenant AND id = @conversation", Key(tenant, id))];
        foreach (var head in heads)
        {
            (string, object) tree = ("@tree", head.Tree);
            (string, object)[] row = [("@tenant", tenant.Value), ("@id", head.Id)];
            statements.Add(new(chains.HoldTree, tree));
            statements.Add(new(chains.TakeOff, [.. row, tree]));
            statements.Add(new(chains.RemoveHidden, row));
            statements.Add(new(chains.RemoveEmptyTree, tree));
        }
        return (await store.WriteAsync(statements, bytes: 0, caller))[0] == 1;
    }

    public async ValueTask<ConversationRow?> LockAsync(
        TenantId tenant, ConversationId id, TimeSpan lockMax, CancellationToken caller)
    {
        lock (_gate) if (!_locked.Add((tenant, id))) throw new ConversationBusyException();
        ConversationRow? locked = null;
        try
        {
            return locked = await ReadAsync(tenant, id, caller) switch
            {
                null => null,
                var (row, _) when !store.IsShared => row,
                (_, true) => throw new ConversationBusyException(),
                var (row, _) => await LockSharedAsync(row, lockMax, caller),
            };
        }
        finally
        {
            if (locked is null) Forget(tenant, id);
        }
    }

    public async ValueTask UnlockAsync(ConversationRow locked, bool isMoved, CancellationToken caller)
    {
        try
        {
            if (store.IsShared && !isMoved)
                await store.WriteAsync([UnlockOf(locked)], bytes: 0, caller);
        }
        finally
        {
            Forget(locked.Tenant, locked.Id);
        }
    }

    public async ValueTask RenewAsync(TimeSpan lockMax, CancellationToken caller)
    {
        (TenantId Tenant, ConversationId Id)[] locked;
        lock (_gate) locked = store.IsShared ? [.. _locked] : [];
        if (locked.Length == 0) return;
        (string, object) own = ("@process", process), time = ("@lock", (long)lockMax.TotalMilliseconds);
        await store.WriteAsync([.. locked.Select(one => new SqlStatement(_renew, [.. Key(one.Tenant, one.Id), own, time]))], 0, caller);
    }

    private async Task<ConversationRow> LockSharedAsync(ConversationRow row, TimeSpan lockMax, CancellationToken caller)
    {
        var locked = row with { Version = row.Version + 1 };
        try
        {
            var changed = await store.WriteAsync(
            [
                new(_lock, [.. Key(row.Tenant, row.Id), ("@version", row.Version), ("@process", process),
                    ("@lock", (long)lockMax.TotalMilliseconds)]),
            ], bytes: 0, CancellationToken.None); // which is written though its caller leaves
            if (changed[0] == 0) throw new ConversationBusyException();
            caller.ThrowIfCancellationRequested();
            return locked;
        }
        catch (Exception exception) when (exception is not ConversationBusyException) // one lock: it may be there, for nobody
        {
            await TryUnlockAsync(locked);
            throw;
        }
    }

    /// <summary>Where that cannot be written either, the lock ends by itself.</summary>
    private async Task TryUnlockAsync(ConversationRow locked)
    {
        try { await store.WriteAsync([UnlockOf(locked)], bytes: 0, CancellationToken.None); }
        catch (StoreAwayException) { /* the store says so itself */ }
    }

    private SqlStatement UnlockOf(ConversationRow locked) =>
        new(Unlock, [.. Key(locked.Tenant, locked.Id), ("@version", locked.Version), ("@process", process)]);

    private async Task<(ConversationRow Row, bool IsLocked)?> ReadAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        var found = await store.ReadAsync((session, deadline) => session.ReadAsync(
            new(_find, [.. Key(tenant, id), ("@process", process)]), row => (Row(tenant, id, row), row.GetInt32(4) == 1), deadline),
            caller);
        return found is [var only] ? only : null;
    }

    private void Forget(TenantId tenant, ConversationId id)
    {
        lock (_gate) _locked.Remove((tenant, id));
    }

    private static (string, object)[] Key(TenantId tenant, ConversationId id) => [("@tenant", tenant.Value), ("@conversation", id.Value)];

    private static ConversationRow Row(TenantId tenant, ConversationId id, DbDataReader row) => new()
    {
        Tenant = tenant,
        Id = id,
        CreatedAt = new DateTimeOffset(row.GetInt64(0), TimeSpan.Zero),
        Metadata = (byte[])row.GetValue(1),
        Head = row.IsDBNull(2) ? null : new ResponseId(row.GetString(2)),
        Version = row.GetInt64(3),
        Former = row.IsDBNull(5) || row.IsDBNull(6) ? null : new(new(row.GetString(5)), new(row.GetString(6))),
    };
}
