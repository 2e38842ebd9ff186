using System.Runtime.CompilerServices;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>
/// Waits for a stream's events, and interrupts a wait when the client has heard nothing for long: one timer for all waits. Events that the
/// client's protocol has no words for end no silence.
/// </summary>
/// <param name="reader">Whose waits they are.</param>
/// <param name="interval">How long a silence may be.</param>
internal sealed class StreamSilence(LogReader reader, TimeSpan interval, TimeProvider time) : IDisposable
{
    private ITimer? _timer; // made by the first wait
    private long _since = time.GetTimestamp();
    private bool _beginsNow;

    /// <summary>Whether it is time to fill the silence.</summary>
    public bool IsLong => Remaining <= TimeSpan.Zero;

    private TimeSpan Remaining => interval - time.GetElapsedTime(_since);

    /// <summary>The client has heard something.</summary>
    /// <param name="at">Just now, by <c>TimeProvider.GetTimestamp</c>.</param>
    public void End(long at) => (_since, _beginsNow) = (at, true);

    /// <summary>Waits for the next event. True: it is there, or nothing is and the silence was long. False: nothing follows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(CancellationToken readerGone)
    {
        var there = reader.WaitAsync(readerGone);
        var beginsNow = _beginsNow;
        _beginsNow = false;
        if (there.IsCompleted) return await there;
        _timer ??= time.CreateTimer(
            static reader => ((LogReader)reader!).Interrupt(), reader, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var due = beginsNow ? interval : Remaining; // after a write nobody has to look at the clock once more
        _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        var isThere = await there;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return isThere;
    }

    public void Dispose() => _timer?.Dispose();
}
