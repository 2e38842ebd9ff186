using System.Threading.Tasks.Sources;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>
/// One reader of a turn's log, at its own pace. While it reads, what it has not passed is kept. Not for two threads at once.
/// </summary>
/// <remarks>It is its own wait, so that waiting allocates nothing.</remarks>
public sealed class LogReader : IDisposable, IValueTaskSource<bool>
{
    private readonly IReadLog _log;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private CancellationTokenRegistration _gone;
    private bool _isWaiting;

    internal LogReader(IReadLog log, long first, bool isForEnd) => (_log, Passed, Next, IsForEnd) = (log, first, first, isForEnd);

    /// <summary>Whether only the terminal event is wanted.</summary>
    internal bool IsForEnd { get; }

    /// <summary>The first event that is still needed: those before it have been taken and written.</summary>
    internal long Passed { get; set; }

    /// <summary>The event that is read next.</summary>
    internal long Next { get; set; }

    /// <summary>By how much the event that was taken is longer in writing than its log supposed; what is known is counted.</summary>
    internal long Longer { get; set; }

    /// <summary>How the wait ends.</summary>
    internal bool IsThere { get; set; }

    /// <summary>Where the turn's time goes, for who writes to its client; null where that is not noted.</summary>
    internal TurnTrace? Times => _log.Times;

    /// <summary>Whether what it would read next is no longer kept: its waits end then.</summary>
    public bool IsLost => _log.IsLost(this);

    /// <summary>Takes the next event if it is there already. The one taken before it is done with.</summary>
    public bool TryRead(out LoggedEvent e) => _log.TryRead(this, out e, out _);

    /// <inheritdoc cref="TryRead(out LoggedEvent)"/>
    /// <param name="e">The event.</param>
    /// <param name="isLast">Whether none was there behind it.</param>
    public bool TryRead(out LoggedEvent e, out bool isLast) => _log.TryRead(this, out e, out isLast);

    /// <summary>Says how long the event that was taken is in writing, where the log keeps the event itself.</summary>
    public void Wrote(in LoggedEvent e, int bytes) => Longer = bytes - e.Bytes;

    /// <summary>Waits for the next event; the one taken before is done with. True: it is there. False: the log ended before it.</summary>
    /// <remarks>To be awaited once, and before the next call.</remarks>
    public ValueTask<bool> WaitAsync(CancellationToken readerGone) => _log.WaitAsync(this, readerGone);

    /// <summary>Ends a wait for which nothing has come: it ends as if something were there, and nothing is.</summary>
    public void Interrupt()
    {
        if (_log.TryEndWait(this)) _wait.SetResult(true);
    }

    /// <summary>The reader leaves: nothing is kept for it any more.</summary>
    public void Dispose() => _log.Leave(this);

    /// <summary>Under the log's gate.</summary>
    internal void BeginWait()
    {
        _wait.Reset();
        _isWaiting = true;
    }

    /// <summary>Under the log's gate. True: this call ended the wait, and its caller notifies the reader.</summary>
    internal bool TryEndWait()
    {
        if (!_isWaiting) return false;
        _isWaiting = false;
        return true;
    }

    /// <summary>The wait that has begun. It may have ended meanwhile.</summary>
    internal ValueTask<bool> WaitForAsync(CancellationToken readerGone)
    {
        var waiting = new ValueTask<bool>(this, _wait.Version);
        _gone = readerGone.UnsafeRegister(static (reader, token) => ((LogReader)reader!).GiveUp(token), this);
        return waiting;
    }

    internal void GoOn() => _wait.SetResult(IsThere);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _gone.Dispose();
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void GiveUp(CancellationToken readerGone)
    {
        if (_log.TryEndWait(this)) _wait.SetException(new OperationCanceledException(readerGone));
    }
}

/// <summary>The log as its readers use it.</summary>
internal interface IReadLog
{
    /// <summary>Where the turn's time goes; null where that is not noted.</summary>
    TurnTrace? Times { get; }

    /// <param name="isLast">Whether no other event is there behind it; the one that was taken is not done with.</param>
    bool TryRead(LogReader reader, out LoggedEvent e, out bool isLast);
    ValueTask<bool> WaitAsync(LogReader reader, CancellationToken readerGone);

    /// <summary>Whether the event that it would read next is gone.</summary>
    bool IsLost(LogReader reader) => false;

    /// <summary>Ends the wait of a reader that is gone.</summary>
    bool TryEndWait(LogReader reader);

    void Leave(LogReader reader);
}
