namespace Samovar.Storage.Sql;

/// <summary>Work of a driver that somebody waits for only so long.</summary>
/// <remarks>
/// A driver that is cancelled asks its server to break off, on a connection of its own, and blocks the thread that cancels until that is
/// answered or times out. Behind a server that stands still this would take the threads of everybody else's turns, so it is done on a
/// thread made for it; there are no more of them than connections.
/// </remarks>
internal static class Abandoned
{
    /// <param name="run">Whatever it uses it gives back itself when it ends, however late.</param>
    /// <param name="tooLate">Given what came when nobody waited for it any more.</param>
    public static async Task<T> AfterAsync<T>(
        Func<CancellationToken, Task<T>> run, Func<T, ValueTask>? tooLate, CancellationToken deadline)
    {
        var abandoned = new CancellationTokenSource(); // has no timer: it needs no end
        var running = run(abandoned.Token);
        try
        {
            return await running.WaitAsync(deadline);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !running.IsCompletedSuccessfully)
        {
            if (!running.IsCompleted)
                _ = Task.Factory.StartNew(() => EndAsync(abandoned, running, tooLate),
                    CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            throw;
        }
    }

    private static async Task EndAsync<T>(CancellationTokenSource abandoned, Task<T> running, Func<T, ValueTask>? tooLate)
    {
        abandoned.Cancel();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // whoever waited was told that the store is away
        if (running.IsCompletedSuccessfully && tooLate is not null) await tooLate(await running);
    }
}
