using System.Buffers;

namespace Samovar.Turns;

/// <summary>A log's events from the first that is kept to the last, in pooled memory. Not for two threads at once.</summary>
internal sealed class KeptEvents(long first = 0)
{
    /// <summary>What is held of an event beside its JSON.</summary>
    public const int EventBytes = 96;
    private const int FirstPlaces = 32;
    private LoggedEvent[] _events = [];
    private int _begin; // of those that are kept
    private int _end;

    /// <summary>The number of the first event that is kept.</summary>
    public long First { get; private set; } = first;

    /// <summary>The number after the last event.</summary>
    public long End => First + _end - _begin;

    public void Add(LoggedEvent e)
    {
        if (_end == _events.Length) MakePlace();
        _events[_end++] = e;
    }

    public bool TryGet(long number, out LoggedEvent e)
    {
        var isThere = number >= First && number < End;
        e = isThere ? _events[_begin + (int)(number - First)] : default;
        return isThere;
    }

    /// <summary>Lets go of the events before one.</summary>
    /// <returns>Bytes that they held.</returns>
    public long DropUntil(long number)
    {
        var gone = 0L;
        for (var end = Math.Min(number, End); First < end; First++)
        {
            gone += _events[_begin].Bytes + EventBytes;
            _events[_begin++] = default;
        }
        if (_begin == _end) Exchange([]);
        return gone;
    }

    /// <summary>Bytes of those from a number on. Costs as many steps.</summary>
    public long BytesFrom(long number)
    {
        var bytes = 0L;
        for (var at = _end - (int)Math.Clamp(End - number, 0, _end - _begin); at < _end; at++) bytes += _events[at].Bytes + EventBytes;
        return bytes;
    }

    /// <summary>The first of those that are together within so many bytes, counted from the last.</summary>
    public long FirstWithin(long bytes)
    {
        var number = End;
        for (var at = _end - 1; at >= _begin; at--, number--)
        {
            bytes -= _events[at].Bytes + EventBytes;
            if (bytes < 0) break;
        }
        return number;
    }

    /// <summary>Behind the last one, where most places before the first are empty; else in a larger array.</summary>
    private void MakePlace()
    {
        var kept = _end - _begin;
        if (_begin > kept)
        {
            _events.AsSpan(_begin, kept).CopyTo(_events);
            _events.AsSpan(kept, _end - kept).Clear();
            (_begin, _end) = (0, kept);
        }
        else Exchange(ArrayPool<LoggedEvent>.Shared.Rent(Math.Max(FirstPlaces, 2 * kept)));
    }

    private void Exchange(LoggedEvent[] larger)
    {
        var kept = _events.AsSpan(_begin, _end - _begin);
        kept.CopyTo(larger);
        kept.Clear(); // nothing outside is empty by now
        if (_events.Length > 0) ArrayPool<LoggedEvent>.Shared.Return(_events);
        (_events, _begin, _end) = (larger, 0, kept.Length);
    }
}
