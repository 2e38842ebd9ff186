using Microsoft.Data.Sqlite;
using Samovar.Storage.Sql;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A file whose driver does not come back from a write while the gate is closed, as from a disk that hangs.</summary>
internal sealed class HungDisk(SqliteDatabase inner) : ISqlDatabase
{
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private int _writersOpened, _hung;

    public string Name => inner.Name;
    public SqlDialect Dialect => inner.Dialect;
    public bool IsShared => inner.IsShared;
    public SqlStatement? Hurry { get; init; }

    /// <summary>How often it was tried to open a connection that writes.</summary>
    public int WritersOpened => Volatile.Read(ref _writersOpened);

    /// <summary>Calls that do not come back now.</summary>
    public int Hung => Volatile.Read(ref _hung);

    /// <summary>Blocks the thread while the disk hangs.</summary>
    public void Pass()
    {
        Interlocked.Increment(ref _hung);
        _gate.Wait();
        Interlocked.Decrement(ref _hung);
    }

    public void Hang() => _gate.Reset();

    public void Wake() => _gate.Set();

    public async ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline)
    {
        Interlocked.Increment(ref _writersOpened);
        Pass();
        var session = await inner.OpenWriterAsync(deadline);
        ((SqliteConnection)session.Connection).CreateFunction("disk", () =>
        {
            Pass();
            return 1;
        });
        return session;
    }

    public ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline) => inner.OpenReaderAsync(deadline);
    public ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end) => inner.CloseReaderAsync(session, end);
    public SqlFault FaultOf(Exception exception) => inner.FaultOf(exception);
    public bool IsTakenBack(Exception exception) => inner.IsTakenBack(exception);
    public Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work) => inner.RunAsync(kind, work);
    public Task MaintainAsync(CancellationToken nodeStopping) => inner.MaintainAsync(nodeStopping);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
