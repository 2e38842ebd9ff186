namespace Samovar.Gateway.Affinity;

/// <summary>
/// Remembers where conversations went: soft state, bounded in number and age; losing it costs cache hits, never answers. Safe for all
/// threads.
/// </summary>
/// <remarks>
/// There is a row for every response of hours: they lie in one array, linked by their places there, and destinations stand for their names
/// by number. An object for each would be copied, and looked at again and again, by the collector.
/// </remarks>
internal sealed class AffinityMap
{
    private const int FirstRows = 64;
    private readonly Lock _lock = new();
    private readonly Dictionary<AffinityKey, int> _places = [];
    private readonly DestinationNumbers _names = new();
    private readonly int _entriesMax;
    private readonly TimeSpan _ttl;
    private readonly TimeProvider _time;
    private readonly IAffinityJournal _journal;
    private Row[] _rows = new Row[FirstRows]; // the first one is the ring's own: next to it the longest unused, before it the newest
    private int _count = 1;

    /// <summary>Begins with what the journal kept.</summary>
    public AffinityMap(int entriesMax, TimeSpan ttl, TimeProvider time, IAffinityJournal journal)
    {
        (_entriesMax, _ttl, _time, _journal) = (entriesMax, ttl, time, journal);
        foreach (var row in journal.Read()) Put(row.Key, row.Destination, row.UsedAt);
    }

    public int Count { get { lock (_lock) return _places.Count; } }

    /// <param name="isKept">Whether it may be written down; false for what the client wants nobody to store.</param>
    public void Set(AffinityKey key, string destination, bool isKept)
    {
        var now = _time.GetUtcNow();
        lock (_lock) Put(key, destination, now);
        if (isKept) _journal.Note(new AffinityRow(key, destination, now));
    }

    /// <summary>The destination's name; finding it keeps it for another while.</summary>
    public string? Find(AffinityKey key)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(key, out var place)) return null;
            var now = _time.GetUtcNow();
            if (now.UtcTicks - _rows[place].UsedAt >= _ttl.Ticks)
            {
                Forget(place);
                return null;
            }
            _rows[place].UsedAt = now.UtcTicks;
            Unlink(place);
            LinkNewest(place);
            return _names.NameOf(_rows[place].Destination);
        }
    }

    private void Put(AffinityKey key, string destination, DateTimeOffset usedAt)
    {
        if (_places.TryGetValue(key, out var place))
        {
            Unlink(place);
            _names.Leave(_rows[place].Destination);
        }
        else
        {
            if (_places.Count >= _entriesMax) Forget(_rows[0].Next);
            _places[key] = place = Free();
        }
        (_rows[place].Key, _rows[place].UsedAt, _rows[place].Destination) = (key, usedAt.UtcTicks, _names.Enter(destination));
        LinkNewest(place);
    }

    /// <summary>The last row moves to where one has gone, so that those in use lie together.</summary>
    private void Forget(int place)
    {
        Unlink(place);
        _places.Remove(_rows[place].Key);
        _names.Leave(_rows[place].Destination);
        var last = --_count;
        if (place == last) return;
        var moved = _rows[place] = _rows[last];
        _rows[moved.Before].Next = _rows[moved.Next].Before = place;
        _places[moved.Key] = place;
    }

    private int Free()
    {
        if (_count == _rows.Length) Array.Resize(ref _rows, 2 * _count);
        return _count++;
    }

    private void Unlink(int place)
    {
        var row = _rows[place];
        _rows[row.Before].Next = row.Next;
        _rows[row.Next].Before = row.Before;
    }

    private void LinkNewest(int place)
    {
        var newest = _rows[0].Before;
        (_rows[place].Before, _rows[place].Next) = (newest, 0);
        _rows[newest].Next = _rows[0].Before = place;
    }

    /// <summary>No reference in it: the collector has nothing to look for.</summary>
    private struct Row
    {
        public AffinityKey Key;
        public long UsedAt;
        public int Destination;
        public int Before;
        public int Next;
    }
}
