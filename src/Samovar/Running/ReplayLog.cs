using Samovar.Protocol.Ids;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>The events of one response, kept so that they can be read again, from any number, by any number of readers.</summary>
/// <remarks>
/// One writer, which copies what the turn's own log says. Where a bound is passed the oldest events go, and a reader that would need them
/// is lost; the newest one always stays, so the end of a turn can be read as long as anything can. With <paramref name="waits"/> a writer
/// that waits for its readers (<see cref="NearAsync"/>) is never so far ahead that one of them is lost.
/// </remarks>
/// <param name="response">Whose events they are.</param>
/// <param name="bytesMax">What is kept beside the newest event.</param>
/// <param name="ahead">How far readers may be behind where the writer waits for them; null: it waits for nobody.</param>
/// <param name="tryTake">Takes room for bytes; false where there is none.</param>
/// <param name="take">Counts bytes whatever the bounds, or gives them back.</param>
internal sealed class ReplayLog(
    ResponseId response, long bytesMax, long? ahead, Func<long, bool> tryTake, Action<long> take) : IReadLog
{
    private const int DroppedPart = 8; // as much goes at once, so that a long turn does not look for the oldest at each event
    private readonly Lock _gate = new();
    private readonly KeptEvents _events = new();
    private readonly LogReaders _readers = new();
    private TaskCompletionSource? _passed;
    private long _bytes;
    private bool _isEnded; // nothing more comes
    private bool _isGone; // nothing is kept any more

    public ResponseId Response { get; } = response;

    /// <summary>Where its turn's time goes; null where nobody waits at a socket for it, or that is not noted.</summary>
    public TurnTrace? Times { get; set; }

    /// <summary>Those that read it now.</summary>
    public int Readers { get { lock (_gate) return _readers.Count; } }

    /// <summary>The number that the next event gets.</summary>
    public long NextNumber { get { lock (_gate) return _events.End; } }

    /// <summary>Whether all that follows a number is kept.</summary>
    public bool Reaches(long after)
    {
        lock (_gate) return !_isGone && after + 1 >= _events.First;
    }

    /// <summary>A reader of what follows a number; of all, after -1.</summary>
    public LogReader Open(long after = -1) => TryOpen(after, int.MaxValue)!;

    /// <summary>The same; null where there are as many already.</summary>
    public LogReader? TryOpen(long after, int readersMax)
    {
        lock (_gate)
        {
            if (_readers.Count >= readersMax) return null;
            var reader = new LogReader(this, after + 1, isForEnd: false);
            _readers.Add(reader);
            return reader;
        }
    }

    /// <summary>Adds the next event. Readers that wait have it before this returns.</summary>
    public void Add(LoggedEvent e)
    {
        var bytes = e.Bytes + KeptEvents.EventBytes;
        MakeRoom(bytes);
        LogReader? first;
        List<LogReader>? others;
        lock (_gate)
        {
            if (_isEnded || e.Number != _events.End)
                throw new InvalidOperationException($"Event {e.Number} of {Response} comes out of turn.");
            _events.Add(e);
            _bytes += bytes;
            _isEnded = e.IsTerminal;
            first = _readers.TakeWaiting(_events.End, _isEnded, out others);
        }
        first?.GoOn();
        foreach (var reader in others ?? []) reader.GoOn();
    }

    /// <summary>Nothing is kept any more.</summary>
    public void Forget()
    {
        long gone;
        lock (_gate)
        {
            _isGone = true;
            gone = Drop(long.MaxValue);
        }
        take(-gone);
        Close();
    }

    /// <summary>Nothing more comes: readers that wait go.</summary>
    public void Close()
    {
        LogReader? first;
        List<LogReader>? others;
        lock (_gate)
        {
            _isEnded = true;
            first = _readers.TakeWaiting(_events.End, isEnded: true, out others);
            _passed?.TrySetResult();
        }
        first?.GoOn();
        foreach (var reader in others ?? []) reader.GoOn();
    }

    /// <summary>Waits until no reader is far behind; at once where there is none, or where the writer waits for nobody.</summary>
    public ValueTask NearAsync(CancellationToken turnEnds)
    {
        lock (_gate)
        {
            if (!IsFar) return ValueTask.CompletedTask;
            _passed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_passed.Task.WaitAsync(turnEnds));
        }
    }

    bool IReadLog.TryRead(LogReader reader, out LoggedEvent e, out bool isLast)
    {
        lock (_gate)
        {
            Pass(reader);
            var isThere = _events.TryGet(reader.Next, out e);
            if (isThere) reader.Next++;
            isLast = reader.Next >= _events.End;
            return isThere;
        }
    }

    ValueTask<bool> IReadLog.WaitAsync(LogReader reader, CancellationToken readerGone)
    {
        lock (_gate)
        {
            Pass(reader);
            if (IsLost(reader)) return new(false);
            if (reader.Next < _events.End) return new(true);
            if (_isEnded) return new(false);
            reader.BeginWait();
        }
        return reader.WaitForAsync(readerGone);
    }

    bool IReadLog.IsLost(LogReader reader)
    {
        lock (_gate) return IsLost(reader);
    }

    bool IReadLog.TryEndWait(LogReader reader) { lock (_gate) return reader.TryEndWait(); }

    void IReadLog.Leave(LogReader reader)
    {
        lock (_gate)
        {
            if (_readers.Remove(reader)) Passed();
        }
    }

    private bool IsLost(LogReader reader) => reader.Next < _events.First;

    private bool IsFar => ahead is { } most && _readers.Count > 0 && _events.BytesFrom(_readers.Needed) > most;

    private void Pass(LogReader reader)
    {
        if (reader.Passed == reader.Next) return;
        (reader.Passed, reader.Longer) = (reader.Next, 0);
        Passed();
    }

    private void Passed()
    {
        if (_passed is null || IsFar) return;
        _passed.TrySetResult();
        _passed = null;
    }

    /// <summary>Takes room for an event; where there is none, older ones give way.</summary>
    private void MakeRoom(long bytes)
    {
        long gone;
        lock (_gate) gone = _bytes + bytes > bytesMax ? Drop(_events.FirstWithin(bytesMax - bytesMax / DroppedPart - bytes)) : 0;
        take(-gone);
        while (!tryTake(bytes))
        {
            lock (_gate) gone = Drop(_events.First + 1);
            if (gone == 0)
            {
                take(bytes);
                return;
            }
            take(-gone);
        }
    }

    /// <summary>Lets go of the events before a number; not of what the writer has to wait for.</summary>
    private long Drop(long number)
    {
        if (ahead is not null && !_isGone && _readers.Count > 0) number = Math.Min(number, _readers.Needed);
        var gone = _events.DropUntil(number);
        _bytes -= gone;
        return gone;
    }
}
