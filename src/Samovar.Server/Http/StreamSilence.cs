using System.Runtime.CompilerServices;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Waits for a stream's events, and interrupts a wait that is long: one timer for all waits.</summary>
/// <param name="reader">Whose waits they are.</param>
/// <param name="interval">How long a silence may be.</param>
internal sealed class StreamSilence(LogReader reader, TimeSpan interval, TimeProvider time) : IDisposable
{
    private ITimer? _timer; // made by the first wait

    /// <summary>Waits for the next event. True: it is there, or nothing is and the silence was long. False: nothing follows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(CancellationToken readerGone)
    {
        var there = reader.WaitAsync(readerGone);
        if (there.IsCompleted) return await there;
        _timer ??= time.CreateTimer(
            static reader => ((LogReader)reader!).Interrupt(), reader, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, Timeout.InfiniteTimeSpan);
        var isThere = await there;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return isThere;
    }

    public void Dispose() => _timer?.Dispose();
}
