namespace Samovar.Engine.Retention;

/// <summary>What could be given up, by worth: the lowest is found at once among any number.</summary>
/// <remarks>
/// Worth changes with time, in steps. Each item has the time until which its own holds; whose is over is handed out by
/// <see cref="TryTakeStale"/> to be valued again. An item takes O(log n) when it is set and at each of its steps, however many are given
/// up. Both heaps leave what has changed behind as a stale entry, and are made again when half of them is.
/// </remarks>
internal sealed class RetentionQueue<T> where T : notnull
{
    private const int StaleMin = 64;
    private readonly Dictionary<T, Entry> _entries = [];
    private readonly PriorityQueue<(T Item, long Version), (double Worth, long Version)> _byWorth = new();
    private readonly PriorityQueue<(T Item, long Version), (TimeSpan Until, long Version)> _byTime = new();
    private long _version;

    public int Count => _entries.Count;

    /// <summary>Adds an item, or values it again.</summary>
    public void Set(T item, double worth, TimeSpan until)
    {
        var version = ++_version; // of two that are worth as much, the one that was valued first goes first
        _entries[item] = new Entry(version, worth, until);
        _byWorth.Enqueue((item, version), (worth, version));
        if (until != TimeSpan.MaxValue) _byTime.Enqueue((item, version), (until, version));
        if (_byWorth.Count > 2 * _entries.Count + StaleMin || _byTime.Count > 2 * _entries.Count + StaleMin) Rebuild();
    }

    public void Remove(T item) => _entries.Remove(item);

    /// <summary>An item whose worth no longer holds; it stays until it is set again or removed.</summary>
    public bool TryTakeStale(TimeSpan now, out T item)
    {
        while (_byTime.TryPeek(out var entry, out var at) && at.Until <= now)
        {
            _byTime.Dequeue();
            if (!IsCurrent(entry)) continue;
            item = entry.Item;
            _entries[item] = _entries[item] with { Until = TimeSpan.MaxValue }; // once, though the heaps be made again
            return true;
        }
        item = default!;
        return false;
    }

    /// <summary>What goes first; it stays until it is removed.</summary>
    public bool TryPeek(out T item, out double worth)
    {
        while (_byWorth.TryPeek(out var entry, out var at))
        {
            if (IsCurrent(entry))
            {
                (item, worth) = (entry.Item, at.Worth);
                return true;
            }
            _byWorth.Dequeue();
        }
        (item, worth) = (default!, 0);
        return false;
    }

    private bool IsCurrent((T Item, long Version) entry) =>
        _entries.TryGetValue(entry.Item, out var current) && current.Version == entry.Version;

    private void Rebuild()
    {
        _byWorth.Clear();
        _byTime.Clear();
        foreach (var (item, entry) in _entries)
        {
            _byWorth.Enqueue((item, entry.Version), (entry.Worth, entry.Version));
            if (entry.Until != TimeSpan.MaxValue) _byTime.Enqueue((item, entry.Version), (entry.Until, entry.Version));
        }
    }

    private readonly record struct Entry(long Version, double Worth, TimeSpan Until);
}
