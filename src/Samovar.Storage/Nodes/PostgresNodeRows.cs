using System.Data.Common;
using Npgsql;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Nodes;

/// <summary>The rows of nodes in PostgreSQL, through a connection of their own that holds this node's advisory lock.</summary>
/// <remarks>
/// The lock is the session's: it falls when the process ends or its line is cut, and peers see that at their next beat. Keepalives of one
/// second tell the database of a line that is dead. A beat need not reach the disk, and does not wait for it. A pooler that gives a
/// session to several clients would give the lock to all of them: the connection must be a direct one.
/// </remarks>
internal sealed class PostgresNodeRows : INodeRows
{
    private const int KeepaliveSeconds = 1;
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromDays(7);
    private static readonly SqlStatement Loose = new("SELECT set_config('synchronous_commit', 'off', false)");

    private static readonly SqlStatement Keepalives = new("""
        SELECT set_config(s.name, s.value, false) FROM (VALUES ('tcp_keepalives_idle', '1'), ('tcp_keepalives_interval', '1'),
          ('tcp_keepalives_count', '2')) AS s (name, value)
        """);
    private readonly string _connectionString;
    private readonly TimeSpan _answerMax;
    private SqlSession? _session;
    private NodeBeat? _beat;
    private Incarnation? _locked;

    /// <param name="answerMax">How long the database may take for one call; then it counts as away. Whole seconds count.</param>
    public PostgresNodeRows(PostgresAddress address, TimeSpan answerMax)
    {
        _answerMax = answerMax;
        _connectionString = new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            Pooling = false, MaxAutoPrepare = 0, TcpKeepAlive = true, TcpKeepAliveTime = KeepaliveSeconds,
            TcpKeepAliveInterval = KeepaliveSeconds, Timeout = Math.Max(1, (int)Math.Ceiling(answerMax.TotalSeconds)),
        }.ConnectionString;
    }

    public async ValueTask BeginAsync(ClusterNode node, CancellationToken caller) => await CallAsync(async session =>
    {
        (string, object)[] own = [("@incarnation", node.Incarnation.Value), ("@name", node.Name.Value)];
        foreach (var (former, isThere) in await session.ReadAsync(
            NodeTexts.Of(NodeTexts.Namesakes, own), row => (row.GetString(0), row.GetBoolean(1)), caller))
        {
            if (isThere) throw new NodeNameTakenException(node.Name);
            await session.ExecuteAsync(MoveOf(new Incarnation(former), NodeState.Dead, "started again"), caller);
        }
        await session.ExecuteAsync(NodeTexts.Of(NodeTexts.Forget, ("@age", (long)ForgetAfter.TotalMilliseconds)), caller);
        await session.ExecuteAsync(NodeTexts.Of(
            NodeTexts.Add,
            [.. own, ("@address", node.Address.ToString()), ("@version", node.Version), ("@process", node.Process)]), caller);
        await LockAsync(session, node.Incarnation, caller);
        return true;
    }, caller);

    public async ValueTask<NodesSeen> BeatAsync(Incarnation incarnation, NodeLoad load, CancellationToken caller) =>
        await CallAsync(async session =>
        {
            if (_locked != incarnation) await LockAsync(session, incarnation, caller);
            _beat ??= await NodeBeat.PrepareAsync((NpgsqlConnection)session.Connection, _answerMax, caller);
            return await _beat.RunAsync(incarnation, load, caller);
        }, caller);

    public async ValueTask<bool> MoveAsync(Incarnation incarnation, NodeState state, string reason, CancellationToken caller) =>
        await CallAsync(async session => await session.ExecuteAsync(MoveOf(incarnation, state, reason), caller) == 1, caller);

    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>The lock may still be held by this life's former connection; then the next beat tries again.</summary>
    private async Task LockAsync(SqlSession session, Incarnation incarnation, CancellationToken caller)
    {
        var text = NodeTexts.Of(NodeTexts.TakeLock, ("@incarnation", incarnation.Value));
        if (await session.ScalarAsync(text, caller) is true) _locked = incarnation;
    }

    private async Task<T> CallAsync<T>(Func<SqlSession, Task<T>> call, CancellationToken caller)
    {
        var isDone = false;
        try
        {
            var result = await call(_session ??= await OpenAsync(caller));
            isDone = true;
            return result;
        }
        catch (DbException exception)
        {
            throw new StoreAwayException("The rows of nodes cannot be reached now.", exception);
        }
        finally
        {
            if (!isDone) await CloseAsync(); // with its lock
        }
    }

    private async Task<SqlSession> OpenAsync(CancellationToken caller)
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            await connection.OpenAsync(caller);
            var session = new SqlSession(connection, _answerMax);
            await session.ScalarAsync(Loose, caller);
            await session.ScalarAsync(Keepalives, caller);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask CloseAsync()
    {
        var (session, beat) = (_session, _beat);
        (_session, _beat, _locked) = (null, null, null);
        if (beat is not null) await beat.DisposeAsync();
        if (session is not null) await session.DisposeAsync();
    }

    private static SqlStatement MoveOf(Incarnation incarnation, NodeState state, string reason) => NodeTexts.Of(
        NodeTexts.Move, ("@incarnation", incarnation.Value), ("@state", (int)state), ("@reason", reason));
}
