namespace Samovar.Turns;

/// <summary>A log's events from the first that is kept to the last. Not for two threads at once.</summary>
internal sealed class KeptEvents
{
    private const int SparseMax = 32;
    private readonly List<LoggedEvent> _events = [];
    private int _dropped; // at the start of the list, emptied
    private long _before; // events that are no longer in the list

    /// <summary>The number of the first event that is kept.</summary>
    public long First => _before + _dropped;

    /// <summary>The number after the last event.</summary>
    public long End => _before + _events.Count;

    public void Add(LoggedEvent e) => _events.Add(e);

    public bool TryGet(long number, out LoggedEvent e)
    {
        var isThere = number >= First && number < End;
        e = isThere ? _events[(int)(number - _before)] : default;
        return isThere;
    }

    /// <summary>Lets go of the events before one.</summary>
    /// <returns>Bytes that they held.</returns>
    public long DropUntil(long number)
    {
        var gone = 0L;
        while (First < Math.Min(number, End))
        {
            gone += _events[_dropped].Json.Length + EventLog.EventBytes;
            _events[_dropped++] = default;
        }
        if (_dropped == _events.Count || _dropped >= SparseMax && _dropped * 2 > _events.Count)
        {
            _before += _dropped;
            _events.RemoveRange(0, _dropped);
            _dropped = 0;
        }
        return gone;
    }
}
