using Microsoft.Data.Sqlite;
using Samovar.Storage.Sql;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A database of which one table is always held by somebody else's transaction.</summary>
internal sealed class HeldDatabase(ISqlDatabase inner) : ISqlDatabase
{
    public const string Table = "held";

    public string Name => inner.Name;
    public SqlDialect Dialect => inner.Dialect;
    public bool IsShared => inner.IsShared;
    public SqlStatement? Hurry { get; init; }

    public ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline) => inner.OpenWriterAsync(deadline);
    public ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline) => inner.OpenReaderAsync(deadline);
    public ValueTask CloseReaderAsync(SqlSession session, bool isBroken) => inner.CloseReaderAsync(session, isBroken);

    public SqlFault FaultOf(Exception exception) =>
        exception is SqliteException && exception.Message.Contains("no such table: " + Table, StringComparison.Ordinal)
            ? SqlFault.Held : inner.FaultOf(exception);

    public bool IsTakenBack(Exception exception) => inner.IsTakenBack(exception);
    public Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work) => inner.RunAsync(kind, work);
    public Task MaintainAsync(CancellationToken nodeStopping) => inner.MaintainAsync(nodeStopping);
    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // its owner's
}
