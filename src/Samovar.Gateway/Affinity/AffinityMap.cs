namespace Samovar.Gateway.Affinity;

/// <summary>
/// Remembers where conversations went: soft state, bounded in number and age; losing it costs cache hits, never answers. Safe for all
/// threads.
/// </summary>
internal sealed class AffinityMap
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AffinityKey, LinkedListNode<AffinityRow>> _entries = [];
    private readonly LinkedList<AffinityRow> _byUse = []; // the longest unused first
    private readonly int _entriesMax;
    private readonly TimeSpan _ttl;
    private readonly TimeProvider _time;
    private readonly IAffinityJournal _journal;

    /// <summary>Begins with what the journal kept.</summary>
    public AffinityMap(int entriesMax, TimeSpan ttl, TimeProvider time, IAffinityJournal journal)
    {
        (_entriesMax, _ttl, _time, _journal) = (entriesMax, ttl, time, journal);
        foreach (var row in journal.Read()) Put(row);
    }

    public int Count { get { lock (_lock) return _entries.Count; } }

    /// <param name="isKept">Whether it may be written down; false for what the client wants nobody to store.</param>
    public void Set(AffinityKey key, string destination, bool isKept)
    {
        var row = new AffinityRow(key, destination, _time.GetUtcNow());
        lock (_lock) Put(row);
        if (isKept) _journal.Note(row);
    }

    /// <summary>The destination's name; finding it keeps it for another while.</summary>
    public string? Find(AffinityKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            var now = _time.GetUtcNow();
            if (now - node.Value.UsedAt >= _ttl)
            {
                Forget(node);
                return null;
            }
            Put(node.Value with { UsedAt = now });
            return node.Value.Destination;
        }
    }

    private void Put(AffinityRow row)
    {
        if (_entries.TryGetValue(row.Key, out var node)) _byUse.Remove(node);
        _entries[row.Key] = _byUse.AddLast(row);
        if (_entries.Count > _entriesMax) Forget(_byUse.First!);
    }

    private void Forget(LinkedListNode<AffinityRow> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
    }
}
