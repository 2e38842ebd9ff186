using Samovar.Storage.Sql;

namespace Samovar.Storage.Tests.Sql;

/// <summary>A database of which a test counts the reads, and lets them wait.</summary>
internal sealed class WatchedReads(ISqlDatabase inner) : ISqlDatabase
{
    private TaskCompletionSource _gate = Opened();
    private int _count;

    public string Name => inner.Name;
    public SqlDialect Dialect => inner.Dialect;
    public bool IsShared => inner.IsShared;
    public SqlStatement? Hurry => inner.Hurry;

    /// <summary>Reads that were begun.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _gate.TrySetResult();

    public ValueTask<SqlSession> OpenWriterAsync(CancellationToken deadline) => inner.OpenWriterAsync(deadline);
    public ValueTask<SqlSession> OpenReaderAsync(CancellationToken deadline) => inner.OpenReaderAsync(deadline);
    public ValueTask CloseReaderAsync(SqlSession session, ReaderEnd end) => inner.CloseReaderAsync(session, end);
    public SqlFault FaultOf(Exception exception) => inner.FaultOf(exception);
    public bool IsTakenBack(Exception exception) => inner.IsTakenBack(exception);
    public Task MaintainAsync(CancellationToken nodeStopping) => inner.MaintainAsync(nodeStopping);
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public async Task<T> RunAsync<T>(SqlWork kind, Func<Task<T>> work)
    {
        if (kind == SqlWork.Read)
        {
            Interlocked.Increment(ref _count);
            await _gate.Task;
        }
        return await inner.RunAsync(kind, work);
    }

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}
