using Microsoft.Extensions.Logging;

namespace Samovar.Storage.Sql;

/// <summary>Work of a driver that somebody waits for only so long, and what is left of it when nobody waits any more.</summary>
/// <remarks>
/// A driver that is cancelled asks its server to break off, on a connection of its own, and blocks the thread that cancels until that is
/// answered or times out. Behind a server that stands still this would take the threads of everybody else's turns, so it is done on a
/// thread made for it; there are no more of them than connections.
/// </remarks>
internal sealed partial class AbandonedWork(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _ending = [];

    /// <summary>Work that nobody waits for any more and that has not ended.</summary>
    public int Count { get { lock (_gate) return _ending.Count(static task => !task.IsCompleted); } }

    /// <param name="run">Whatever it uses it gives back itself when it ends, however late.</param>
    /// <param name="tooLate">Given what came when nobody waited for it any more.</param>
    public async Task<T> AfterAsync<T>(Func<CancellationToken, Task<T>> run, Func<T, ValueTask>? tooLate, CancellationToken deadline)
    {
        var abandoned = new CancellationTokenSource(); // has no timer: it needs no end
        var running = run(abandoned.Token);
        try
        {
            return await running.WaitAsync(deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            if (running.IsCompleted) return await running; // it came in the same moment: nobody else would get it
            Keep(Task.Factory.StartNew(() => EndAsync(abandoned, running, tooLate),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());
            throw;
        }
    }

    /// <summary>Ends when all that was abandoned has ended; never faults.</summary>
    public Task IdleAsync()
    {
        lock (_gate) return Task.WhenAll(_ending);
    }

    private void Keep(Task ending)
    {
        lock (_gate)
        {
            _ending.RemoveWhere(static task => task.IsCompleted);
            _ending.Add(ending);
        }
    }

    private async Task EndAsync<T>(CancellationTokenSource abandoned, Task<T> running, Func<T, ValueTask>? tooLate)
    {
        try
        {
            abandoned.Cancel();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // whoever waited knows that the store is away
            if (running.IsCompletedSuccessfully && tooLate is not null) await tooLate(await running);
        }
        catch (Exception exception) // a unit of work: whoever asked for it is gone
        {
            Log.EndedBadly(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1105, LogLevel.Warning, "A call of the database that took too long could not be ended in full")]
        public static partial void EndedBadly(ILogger logger, Exception exception);
    }
}
