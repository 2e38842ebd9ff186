using System.Collections.Concurrent;
using Samovar.Stores;

namespace Samovar.Storage.Sql;

/// <summary>
/// Threads for a driver that blocks the one it is called on. A disk that does not answer keeps these, and nobody else's: whoever waits for
/// the work may give up at any time.
/// </summary>
/// <remarks>Nothing ends a call that hangs in a disk. So there are no more of them than threads, however often it is tried again.</remarks>
/// <param name="name">What they are called in a debugger.</param>
/// <param name="countMax">As many as there is work at once, and no more than these; each is made when it is needed.</param>
/// <param name="mayWait">Whether work waits for a thread; else it is refused while all of them are taken.</param>
internal sealed class BlockingThreads(string name, int countMax, bool mayWait) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BlockingCollection<Action> _waiting = [];
    private int _count, _underWay;

    /// <exception cref="StoreAwayException">All threads are still at what they were given before.</exception>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_waiting.IsAddingCompleted) return Refused("The store is closed.");
            if (_underWay >= countMax && !mayWait) return Refused("The disk has not answered yet.");
            _underWay++;
            _waiting.Add(() => Run(work, done));
            if (_underWay <= _count || _count == countMax) return done.Task;
            _count++;
        }
        new Thread(Loop) { Name = name, IsBackground = true }.Start();
        return done.Task;

        static Task<T> Refused(string why) => Task.FromException<T>(new StoreAwayException(why));
    }

    /// <summary>Threads that wait for work end; one that hangs ends with the process.</summary>
    public void Dispose()
    {
        lock (_gate) _waiting.CompleteAdding();
    }

    private void Loop()
    {
        foreach (var run in _waiting.GetConsumingEnumerable()) run();
    }

    /// <summary>The thread is free before anybody learns that the work is done.</summary>
    private void Run<T>(Func<Task<T>> work, TaskCompletionSource<T> done)
    {
        var running = StartAsync(work);
        ((IAsyncResult)running).AsyncWaitHandle.WaitOne(); // such a driver has done all before it returns its task
        lock (_gate) _underWay--;
        done.SetFromTask(running);
    }

    private static async Task<T> StartAsync<T>(Func<Task<T>> work) => await work();
}
