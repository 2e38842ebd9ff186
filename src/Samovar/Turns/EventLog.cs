using Samovar.Protocol.Ids;

namespace Samovar.Turns;

/// <summary>One event as it was published.</summary>
/// <param name="Number">Its <c>sequence_number</c>, from 0.</param>
/// <param name="Type">Its <c>type</c>, for SSE's event line.</param>
/// <param name="Json">One whole JSON object in UTF-8, made once for all readers.</param>
/// <param name="IsTerminal">Nothing follows.</param>
public readonly record struct LoggedEvent(long Number, string Type, ReadOnlyMemory<byte> Json, bool IsTerminal);

/// <summary>The numbered events of one turn: written once, read by any number of readers at their own pace.</summary>
/// <remarks>Only the turn appends. A log lives as long as somebody holds it; a reader that leaves stops nothing.</remarks>
public sealed class EventLog
{
    private readonly Lock _gate = new();
    private readonly List<LoggedEvent> _events = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _bytesMax;
    private TaskCompletionSource? _changed; // made by the first reader that waits, completed and forgotten by the next append
    private long _bytes;
    private bool _isEnded;

    internal EventLog(ResponseId response, long bytesMax) => (Response, _bytesMax) = (response, bytesMax);

    /// <summary>The response that these events tell.</summary>
    public ResponseId Response { get; }

    /// <summary>Completes when the terminal event is there to be read. Never faults.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Bytes of all events so far.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Reads event <paramref name="number"/> if it is there already.</summary>
    public bool TryRead(long number, out LoggedEvent e)
    {
        lock (_gate)
        {
            var there = number >= 0 && number < _events.Count;
            e = there ? _events[(int)number] : default;
            return there;
        }
    }

    /// <summary>Waits for event <paramref name="number"/>. True: it is there. False: the log ended before it.</summary>
    public async ValueTask<bool> WaitAsync(long number, CancellationToken readerGone)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (number < _events.Count) return true;
                if (_isEnded) return false;
                changed = (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await changed.WaitAsync(readerGone);
        }
    }

    /// <summary>The number that the next event gets.</summary>
    internal long NextNumber { get { lock (_gate) return _events.Count; } }

    /// <summary>Lets waiting readers go if the turn broke so badly that it could not even write its terminal event.</summary>
    internal void Close()
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            if (_isEnded) return;
            _isEnded = true;
            (changed, _changed) = (_changed, null);
        }
        changed?.SetResult();
        _ended.SetResult();
    }

    /// <summary>False, and nothing appended, when the log is full; a terminal event always has room.</summary>
    internal bool TryAppend(LoggedEvent e)
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            if (_isEnded || e.Number != _events.Count)
                throw new InvalidOperationException($"Event {e.Number} of {Response} comes out of turn.");
            if (!e.IsTerminal && _bytes + e.Json.Length > _bytesMax) return false;
            _events.Add(e);
            _bytes += e.Json.Length;
            _isEnded = e.IsTerminal;
            (changed, _changed) = (_changed, null);
        }
        changed?.SetResult();
        if (e.IsTerminal) _ended.SetResult();
        return true;
    }
}
