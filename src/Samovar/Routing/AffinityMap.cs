using Samovar.Protocol.Ids;

namespace Samovar.Routing;

/// <summary>By what a conversation is known again.</summary>
internal enum AffinityKind
{
    /// <summary>The id of a response that is continued.</summary>
    Response,

    /// <summary>What the client's headers call this conversation.</summary>
    Thread,

    /// <summary>What the client's headers call the whole run, sub-agents included.</summary>
    Session,

    /// <summary>How the conversation begins.</summary>
    Content,
}

/// <summary>Never looked up without its tenant.</summary>
internal readonly record struct AffinityKey(TenantId Tenant, AffinityKind Kind, string Value);

/// <summary>
/// Remembers where conversations went: soft state, bounded in number and age; losing it costs cache hits, never answers. Safe for all
/// threads.
/// </summary>
internal sealed class AffinityMap(int entriesMax, TimeSpan ttl, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AffinityKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = []; // the longest unused first

    public int Count { get { lock (_lock) return _entries.Count; } }

    public void Set(AffinityKey key, string destination)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node)) _byUse.Remove(node);
            _entries[key] = _byUse.AddLast(new Entry(key, destination, time.GetUtcNow()));
            if (_entries.Count > entriesMax) Forget(_byUse.First!);
        }
    }

    /// <summary>The destination's name; finding it keeps it for another while.</summary>
    public string? Find(AffinityKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            var now = time.GetUtcNow();
            if (now - node.Value.UsedAt >= ttl)
            {
                Forget(node);
                return null;
            }
            _byUse.Remove(node);
            _entries[key] = _byUse.AddLast(node.Value with { UsedAt = now });
            return node.Value.Destination;
        }
    }

    private void Forget(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
    }

    private sealed record Entry(AffinityKey Key, string Destination, DateTimeOffset UsedAt);
}
