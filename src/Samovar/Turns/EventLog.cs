using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;

namespace Samovar.Turns;

/// <summary>One event as it was published.</summary>
/// <param name="Number">Its <c>sequence_number</c>, from 0.</param>
/// <param name="Type">Its <c>type</c>, for SSE's event line.</param>
/// <param name="Json">One whole JSON object in UTF-8, made once for all readers; empty where the log keeps the events themselves.</param>
/// <param name="IsTerminal">Nothing follows.</param>
public readonly record struct LoggedEvent(long Number, string Type, ReadOnlyMemory<byte> Json, bool IsTerminal)
{
    /// <summary>The event itself, where the log keeps those.</summary>
    public ResponseEvent? Event { get; init; }

    /// <summary>What it holds.</summary>
    internal long Bytes => Event is null ? Json.Length : EventWeight.Of(Event);
}

/// <summary>The numbered events of one turn: written once, read by any number of readers at their own pace.</summary>
/// <remarks>
/// Only the turn appends. An event is kept until every reader has passed it, and from the start until the first reader comes; when the last
/// one leaves nothing is kept. The turn waits while its readers are far behind (<see cref="RoomAsync"/>), and so does what makes its
/// events. Readers that wait are woken when the turn has nothing more at hand (<see cref="Wake"/>), on the turn's own thread: what comes at
/// once is read at once.
/// </remarks>
public sealed class EventLog
{
    /// <summary>What the log holds of an event beside its JSON.</summary>
    internal const int EventBytes = 96;
    private const int QuietBytesMax = 16 << 10; // a long burst is read while it comes
    private const int GrantBytes = 16 << 10; // room is taken and given back in pieces: a reader that keeps up costs nothing

    private readonly Lock _gate = new();
    private readonly KeptEvents _events = new();
    private readonly List<LogReader> _readers = new(1);
    private readonly LogBounds _bounds;
    private TaskCompletionSource? _ended; // made for the first who asks
    private TaskCompletionSource? _passed; // made by the turn when it waits for its readers
    private long _bytes;
    private long _unread;
    private long _quiet; // bytes of events of which no waiting reader was told
    private long _granted;
    private long _promised; // room was asked for it, and it has not come yet
    private bool _isEnded;
    private bool _isAsking; // the turn waits for room
    private bool _isLeft; // there were readers, and there are none any more

    internal EventLog(ResponseId response, LogBounds bounds) => (Response, _bounds) = (response, bounds);

    /// <summary>The response that these events tell.</summary>
    public ResponseId Response { get; }

    /// <summary>Completes when the terminal event is there to be read. Never faults.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
            {
                if (_isEnded) return Task.CompletedTask;
                return (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>Whether the terminal event is there to be read.</summary>
    public bool IsEnded { get { lock (_gate) return _isEnded; } }

    /// <summary>Bytes of all events so far.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Bytes of the events that are kept.</summary>
    internal long Unread { get { lock (_gate) return _unread; } }

    /// <summary>The number that the next event gets.</summary>
    internal long NextNumber { get { lock (_gate) return _events.End; } }

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
        GiveBack(room);
        return reader;
    }

    internal bool TryRead(LogReader reader, out LoggedEvent e)
    {
        long room;
        bool isThere;
        lock (_gate)
        {
            room = Pass(reader);
            isThere = _events.TryGet(reader.Next, out e);
            if (isThere) reader.Next++;
        }
        GiveBack(room);
        return isThere;
    }

    internal ValueTask<bool> WaitAsync(LogReader reader, CancellationToken readerGone)
    {
        bool? isThere;
        long room;
        lock (_gate)
        {
            room = Pass(reader);
            isThere = reader.Next < _events.End ? true : _isEnded ? false : null;
            if (isThere is null) reader.BeginWait();
        }
        GiveBack(room);
        return isThere is { } known ? new(known) : reader.WaitForAsync(readerGone);
    }

    /// <summary>Ends the wait of a reader that is gone.</summary>
    internal bool TryEndWait(LogReader reader)
    {
        lock (_gate) return reader.TryEndWait();
    }

    /// <summary>Whether another event is there for a reader; the one that it took is not done with.</summary>
    internal bool HasNext(LogReader reader) { lock (_gate) return reader.Next < _events.End; }

    /// <summary>
    /// Readers that wait go on, before this returns. To be called by the turn before it waits for anything: what it appended may be told
    /// to nobody before.
    /// </summary>
    internal void Wake()
    {
        LogReader? first = null;
        List<LogReader>? others = null;
        lock (_gate)
        {
            _quiet = 0;
            foreach (var reader in _readers)
            {
                var isThere = reader.Next < _events.End;
                if (!isThere && !_isEnded || !reader.TryEndWait()) continue;
                reader.IsThere = isThere;
                if (first is null) first = reader;
                else (others ??= []).Add(reader);
            }
        }
        first?.GoOn();
        if (others is null) return;
        foreach (var reader in others) reader.GoOn();
    }

    internal void Leave(LogReader reader)
    {
        long room;
        lock (_gate)
        {
            if (!_readers.Remove(reader)) return;
            _isLeft = _readers.Count == 0;
            room = Trim();
        }
        GiveBack(room);
    }

    /// <summary>Waits until so many bytes more may be appended: while the readers are too far behind, and while there is no room.</summary>
    internal ValueTask RoomAsync(long bytes, CancellationToken turnEnds)
    {
        lock (_gate)
        {
            _promised = bytes;
            if (_isLeft || IsNear(bytes) && _unread + bytes <= _granted) return ValueTask.CompletedTask;
        }
        return WaitForRoomAsync(bytes, turnEnds);
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
        GiveBack(room);
        Close();
    }

    /// <summary>False, and nothing appended, when the turn has said too much; a terminal event always has room.</summary>
    /// <param name="e">The event.</param>
    /// <param name="isMoreAtHand">Whether the turn may append more before it calls <see cref="Wake"/>: readers that wait are woken after
    /// some of them.</param>
    internal bool TryAppend(LoggedEvent e, bool isMoreAtHand = false)
    {
        TaskCompletionSource? ended;
        bool wakes;
        long room, more;
        lock (_gate)
        {
            if (_isEnded || e.Number != _events.End)
                throw new InvalidOperationException($"Event {e.Number} of {Response} comes out of turn.");
            if (!e.IsTerminal && _bytes + e.Bytes > _bounds.BytesMax) return false;
            _events.Add(e);
            _bytes += e.Bytes;
            _unread += e.Bytes + EventBytes;
            _promised = Math.Max(0, _promised - e.Bytes - EventBytes);
            _isEnded = e.IsTerminal;
            if (_isEnded) ReadEnd(e.Number);
            ended = _isEnded ? _ended : null;
            room = Trim();
            more = _isLeft ? 0 : Math.Max(0, _unread - _granted);
            _granted += more;
            _quiet += e.Bytes;
            wakes = !isMoreAtHand || e.IsTerminal || _quiet > QuietBytesMax;
        }
        if (more > 0) _bounds.Room?.Take(more);
        GiveBack(room);
        ended?.SetResult();
        if (wakes) Wake();
        return true;
    }

    private async ValueTask WaitForRoomAsync(long bytes, CancellationToken turnEnds)
    {
        Wake();
        while (IsFar(bytes, out var passed)) await passed.WaitAsync(turnEnds);
        if (_bounds.Room is not { } room) return;
        var more = Ask(bytes, out var isFirst);
        try
        {
            if (isFirst && more == GrantBytes) room.Take(more); // so that a turn whose reader keeps up never waits for those of others
            else if (more > 0) await room.TakeAsync(Math.Min(more, room.WaitedBytesMax), turnEnds); // what is beyond is counted as it comes
        }
        catch
        {
            Grant(0);
            throw;
        }
        Grant(isFirst && more == GrantBytes ? more : Math.Min(more, room.WaitedBytesMax));
    }

    /// <summary>What the turn waits for; it keeps nothing that is not needed while it does.</summary>
    private long Ask(long bytes, out bool isFirst)
    {
        long back, more;
        lock (_gate)
        {
            _isAsking = true;
            back = Trim();
            (more, isFirst) = (Pieces(_unread + bytes - _granted), _granted == 0);
        }
        GiveBack(back);
        return more;
    }

    private void Grant(long more)
    {
        long back;
        lock (_gate)
        {
            (_granted, _isAsking) = (_granted + more, false);
            back = Trim();
        }
        GiveBack(back);
    }

    /// <param name="bytes">What is to be appended.</param>
    /// <param name="passed">Ends when a reader has passed something.</param>
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

    private static long Pieces(long bytes) => bytes <= 0 ? 0 : (bytes + GrantBytes - 1) / GrantBytes * GrantBytes;

    private void ReadEnd(long number)
    {
        foreach (var reader in _readers)
            if (reader.IsForEnd) (reader.Passed, reader.Next) = (number, number);
    }

    private long Pass(LogReader reader)
    {
        if (reader.Passed == reader.Next) return 0;
        reader.Passed = reader.Next;
        return Trim();
    }

    /// <summary>Lets go of what nobody needs. Under the gate.</summary>
    /// <returns>Room to give back outside it.</returns>
    private long Trim()
    {
        if (_readers.Count > 0 || _isLeft)
        {
            var needed = _isLeft ? long.MaxValue : _readers.Count == 1 ? _readers[0].Passed
                : _readers.Min(static reader => reader.Passed);
            var gone = _events.DropUntil(needed);
            if (gone > 0)
            {
                _unread -= gone;
                var passed = _passed;
                _passed = null;
                passed?.SetResult();
            }
        }
        var keeps = _isLeft || _isEnded || _isAsking ? Pieces(_unread) : Pieces(_unread + _promised) + (2 * GrantBytes);
        if (_granted <= keeps) return 0;
        var room = _granted - keeps;
        _granted = keeps;
        return room;
    }

    private void GiveBack(long room)
    {
        if (room > 0) _bounds.Room?.GiveBack(room);
    }
}

/// <summary>How large a log may become.</summary>
/// <param name="BytesMax">All that a turn may say.</param>
/// <param name="UnreadBytesMax">How far its readers may be behind.</param>
/// <param name="Room">Where what is unread is counted; null: nowhere.</param>
internal sealed record LogBounds(long BytesMax, long UnreadBytesMax = long.MaxValue, LogRoom? Room = null);
