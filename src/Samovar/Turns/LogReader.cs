namespace Samovar.Turns;

/// <summary>
/// One reader of a turn's log, at its own pace. While it reads, what it has not passed is kept. Not for two threads at once.
/// </summary>
public sealed class LogReader : IDisposable
{
    private readonly EventLog _log;

    internal LogReader(EventLog log, long first, bool isForEnd) => (_log, Passed, Next, IsForEnd) = (log, first, first, isForEnd);

    /// <summary>Whether only the terminal event is wanted.</summary>
    internal bool IsForEnd { get; }

    /// <summary>The first event that is still needed: those before it have been taken and written.</summary>
    internal long Passed { get; set; }

    /// <summary>The event that is read next.</summary>
    internal long Next { get; set; }

    /// <summary>Takes the next event if it is there already. The one taken before it is done with.</summary>
    public bool TryRead(out LoggedEvent e) => _log.TryRead(this, out e);

    /// <summary>Waits for the next event; the one taken before is done with. True: it is there. False: the log ended before it.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken readerGone) => _log.WaitAsync(this, readerGone);

    /// <summary>The reader leaves: nothing is kept for it any more.</summary>
    public void Dispose() => _log.Leave(this);
}
