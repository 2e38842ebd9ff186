using Samovar.Protocol.Ids;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>The numbered events of one turn, read by any number of readers at their own pace.</summary>
/// <remarks>
/// Only the turn appends. An event is kept until every reader has passed it, and from the start until the first reader comes; when the last
/// one leaves nothing is kept. The turn waits while its readers are far behind (<see cref="RoomAsync"/>), and so does what makes its
/// events. Readers that wait are woken when the turn has nothing more at hand (<see cref="Wake"/>), on the turn's own thread: what comes at
/// once is read at once.
/// </remarks>
public sealed class EventLog : IReadLog
{
    /// <summary>What the log holds of an event beside its JSON.</summary>
    internal const int EventBytes = KeptEvents.EventBytes;
    private const int QuietBytesMax = 16 << 10; // a long burst is read while it comes

    private readonly Lock _gate = new();
    private readonly KeptEvents _events;
    private readonly LogReaders _readers = new();
    private readonly LogBounds _bounds;
    private readonly LogGrant _grant;
    private TaskCompletionSource? _ended; // made for the first who asks
    private TaskCompletionSource? _passed; // made by the turn when it waits for its readers
    private long _bytes;
    private long _written; // the first event of which nobody has said how long it is
    private long _unread;
    private long _quiet; // bytes of events that no waiting reader was notified of
    private bool _isEnded;
    private bool _isLeft; // there were readers, and all have left

    internal EventLog(ResponseId response, LogBounds bounds) =>
        (Response, _bounds, _grant, _events, NextNumber, _written) =
        (response, bounds, new LogGrant(bounds.Room), new(bounds.First), bounds.First, bounds.First);

    /// <summary>The response that these events describe.</summary>
    public ResponseId Response { get; }

    /// <summary>Completes when the terminal event is there to be read. Never faults.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
                return _isEnded ? Task.CompletedTask : (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Whether the terminal event is there to be read.</summary>
    public bool IsEnded { get { lock (_gate) return _isEnded; } }

    /// <summary>Bytes of all events so far: in writing, but for those that nobody has written yet.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Bytes of the events that are kept.</summary>
    internal long Unread { get { lock (_gate) return _unread; } }

    /// <summary>The number that the next event gets.</summary>
    internal long NextNumber { get; private set; } // of the turn's own thread

    /// <summary>A reader from the first event that is kept: of all, where it is the first reader.</summary>
    public LogReader Open() => Open(isForEnd: false);

    /// <summary>A reader of the terminal event alone; what comes before it is not kept for it.</summary>
    public LogReader OpenForEnd() => Open(isForEnd: true);

    private LogReader Open(bool isForEnd)
    {
        LogReader reader;
        long room;
        lock (_gate)
        {
            var first = !isForEnd ? _events.First : _isEnded ? Math.Max(_events.First, _events.End - 1) : long.MaxValue;
            _readers.Add(reader = new LogReader(this, first, isForEnd));
            _isLeft = false;
            room = Trim();
        }
        _grant.GiveBack(room);
        return reader;
    }

    TurnTrace? IReadLog.Times => _bounds.Times;
    bool IReadLog.TryRead(LogReader reader, out LoggedEvent e, out bool isLast)
    {
        long room;
        bool isThere;
        lock (_gate)
        {
            room = Pass(reader);
            isThere = _events.TryGet(reader.Next, out e);
            if (isThere) reader.Next++;
            isLast = reader.Next >= _events.End;
        }
        _grant.GiveBack(room);
        return isThere;
    }

    ValueTask<bool> IReadLog.WaitAsync(LogReader reader, CancellationToken readerGone)
    {
        bool? isThere;
        long room;
        lock (_gate)
        {
            room = Pass(reader);
            isThere = reader.Next < _events.End ? true : _isEnded ? false : null;
            if (isThere is null) reader.BeginWait();
        }
        _grant.GiveBack(room);
        return isThere is { } known ? new(known) : reader.WaitForAsync(readerGone);
    }

    bool IReadLog.TryEndWait(LogReader reader) { lock (_gate) return reader.TryEndWait(); }

    /// <summary>Whether so much was appended since those who wait were woken that they should be now, whatever is still to come.</summary>
    internal bool IsDue => _quiet > QuietBytesMax; // of the turn's own thread

    /// <summary>
    /// Wakes the waiting readers before it returns. To be called by the turn before it waits for anything: until then nobody may have
    /// seen what it appended.
    /// </summary>
    internal void Wake()
    {
        LogReader? first;
        List<LogReader>? others;
        lock (_gate)
        {
            _quiet = 0;
            first = _readers.TakeWaiting(_events.End, _isEnded, out others);
        }
        first?.GoOn();
        foreach (var reader in others ?? []) reader.GoOn();
    }

    void IReadLog.Leave(LogReader reader)
    {
        long room;
        lock (_gate)
        {
            if (!_readers.Remove(reader)) return;
            _isLeft = _readers.Count == 0;
            room = Trim();
        }
        _grant.GiveBack(room);
    }

    /// <summary>Waits until that many more bytes fit: while the readers are too far behind, and while there is no room.</summary>
    internal ValueTask RoomAsync(long bytes, CancellationToken turnEnds)
    {
        bool isFirst;
        lock (_gate)
        {
            _grant.Promise(bytes);
            if (_isLeft || IsNear(bytes) && _grant.Covers(_unread + bytes)) return ValueTask.CompletedTask;
            isFirst = IsNear(bytes) && _grant.TryBegin(_unread + bytes);
        }
        if (!isFirst) return WaitForRoomAsync(bytes, turnEnds);
        _grant.TakeFirst();
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets waiting readers go if the turn broke so badly that it could not even write its terminal event.</summary>
    internal void Close()
    {
        TaskCompletionSource? ended;
        lock (_gate)
        {
            if (_isEnded) return;
            (_isEnded, ended) = (true, _ended);
        }
        ended?.SetResult();
        Wake();
    }

    /// <summary>Nobody will ever read it: keeps nothing.</summary>
    internal void Abandon()
    {
        long room;
        lock (_gate)
        {
            _isLeft = true;
            room = Trim();
        }
        _grant.GiveBack(room);
        Close();
    }

    /// <summary>False, and nothing appended, when the turn has said too much; a terminal event always has room.</summary>
    /// <param name="e">The event.</param>
    /// <param name="isMoreAtHand">Whether the turn may append more before it wakes those who wait.</param>
    internal bool TryAppend(LoggedEvent e, bool isMoreAtHand = false)
    {
        TaskCompletionSource? ended;
        long room, more;
        var bytes = e.Bytes;
        lock (_gate)
        {
            if (_isEnded || e.Number != _events.End)
                throw new InvalidOperationException($"Event {e.Number} of {Response} comes out of turn.");
            if (!e.IsTerminal && _bytes + bytes > _bounds.BytesMax) return false;
            _events.Add(e);
            NextNumber = _events.End;
            _bytes += bytes;
            _unread += bytes + EventBytes;
            _isEnded = e.IsTerminal;
            if (_isEnded) _readers.ReadEnd(e.Number);
            ended = _isEnded ? _ended : null;
            room = Trim();
            more = _isLeft ? 0 : _grant.Append(bytes + EventBytes, _unread);
            _quiet += bytes;
        }
        _grant.Take(more);
        _grant.GiveBack(room);
        ended?.SetResult();
        if (!isMoreAtHand || e.IsTerminal) Wake();
        return true;
    }

    private async ValueTask WaitForRoomAsync(long bytes, CancellationToken turnEnds)
    {
        Wake();
        while (IsFar(bytes, out var passed)) await passed.WaitAsync(turnEnds);
        if (_grant.Room is not { } room) return;
        var more = Ask(bytes);
        try
        {
            if (more > 0) await room.TakeAsync(Math.Min(more, room.WaitedBytesMax), turnEnds); // what is beyond is counted as it comes
        }
        catch
        {
            Grant(0);
            throw;
        }
        Grant(Math.Min(more, room.WaitedBytesMax));
    }

    /// <summary>What the turn waits for; it keeps nothing that is not needed while it does.</summary>
    private long Ask(long bytes)
    {
        long back, more;
        lock (_gate)
        {
            _grant.IsAsking = true;
            back = Trim();
            more = _grant.Missing(_unread + bytes);
        }
        _grant.GiveBack(back);
        return more;
    }

    private void Grant(long more)
    {
        long back;
        lock (_gate)
        {
            _grant.Add(more);
            _grant.IsAsking = false;
            back = Trim();
        }
        _grant.GiveBack(back);
    }

    private bool IsFar(long bytes, out Task passed)
    {
        lock (_gate)
        {
            passed = Task.CompletedTask;
            if (_isLeft || IsNear(bytes)) return false;
            passed = (_passed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return true;
        }
    }

    private bool IsNear(long bytes) => _unread == 0 || _unread + bytes <= _bounds.UnreadBytesMax;

    private long Pass(LogReader reader)
    {
        if (reader.Passed == reader.Next) return 0;
        if (reader.Next > _written) (_written, _bytes) = (reader.Next, _bytes + reader.Longer); // the first says how long it is
        (reader.Passed, reader.Longer) = (reader.Next, 0);
        return Trim();
    }

    /// <summary>Lets go of what nobody needs. Under the gate.</summary>
    /// <returns>Room to give back outside it.</returns>
    private long Trim()
    {
        if (_readers.Count > 0 || _isLeft)
        {
            var gone = _events.DropUntil(_isLeft ? long.MaxValue : _readers.Needed);
            if (gone > 0)
            {
                _unread -= gone;
                _passed?.SetResult(); // nothing of who waits runs here
                _passed = null;
            }
        }
        return _grant.Trim(_unread, isTight: _isLeft || _isEnded);
    }
}
