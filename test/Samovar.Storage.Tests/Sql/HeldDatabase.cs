using Microsoft.Data.Sqlite;
using Samovar.Storage.Sql;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A database of which one table is always held by somebody else's transaction.</summary>
internal sealed class HeldDatabase(ISqlDatabase inner) : ISqlDatabase
{
    public const string Table = "held";

    /// <summary>A statement of a trigger, which makes another table held, too.</summary>
    public const string Hold = "SELECT RAISE(ABORT, 'no such table: held');";

    public string Name => inner.Name;
    public SqlDialect Dialect => inner.Dialect;
    public bool IsShared => inner.IsShared;
    public SqlStatement? Hurry { get; init; }

    /// <summary>Runs when a write has found that the table is held, before its transaction is taken back.</summary>
    public Action OnHeld { get; init; } = static () => { };

    /// <summary>The connection that writes: the one that was opened last.</summary>
    public SqlSession? Writer { get; private set; }

    public async ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline) => Writer = await inner.OpenWriterAsync(deadline);
    public ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline) => inner.OpenReaderAsync(deadline);
    public ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end) => inner.CloseReaderAsync(session, end);

    public SqlFault FaultOf(Exception exception)
    {
        if (exception is not SqliteException || !exception.Message.Contains("no such table: " + Table, StringComparison.Ordinal))
            return inner.FaultOf(exception);
        OnHeld();
        return SqlFault.Held;
    }

    public bool IsTakenBack(Exception exception) => inner.IsTakenBack(exception);
    public Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work) => inner.RunAsync(kind, work);
    public Task MaintainAsync(CancellationToken nodeStopping) => inner.MaintainAsync(nodeStopping);
    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // its owner's
}
