using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Stored responses in memory, bounded in count, bytes and age.</summary>
/// <remarks>
/// A child keeps its ancestors in memory, so evicting an ancestor would free nothing and lose an id. Only ends of chains are evicted, the
/// least recently used chain first, from its end to its start; a node's bytes count until it is neither findable nor below a findable one.
/// </remarks>
internal sealed partial class MemoryChainStore(ChainOptions options, TimeProvider time, ChainMetrics metrics,
    ILogger<MemoryChainStore> logger, KeptNodes? kept = null) : IChainStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChainNode, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(TenantId, ResponseId), Entry> _findable = [];
    private readonly ItemIndex _items = new();
    private readonly LinkedList<Entry> _ends = new(); // findable entries without children, least recently used first
    private readonly LinkedList<Entry> _byAge = new(); // findable entries, oldest first; what is dropped leaves at once, it holds its items
    private long _bytes;

    /// <summary>Responses that can be found.</summary>
    public int Count { get { lock (_gate) return _findable.Count; } }

    /// <summary>Bytes of all nodes that are kept in memory by findable ones.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    public bool IsDurable => false;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        List<ChainNode>? gone;
        ChainNode? found = null;
        lock (_gate)
        {
            gone = DropOld();
            if (_findable.TryGetValue((tenant, id), out var entry))
            {
                found = entry.Node;
                if (entry.End is { } end) { _ends.Remove(end); _ends.AddLast(end); }
            }
        }
        LetGo(gone, "age");
        return new(found);
    }

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller)
    {
        List<ChainNode>? gone;
        Item? found;
        lock (_gate)
        {
            gone = DropOld();
            found = _items.Find(tenant, itemId);
        }
        LetGo(gone, "age");
        return new(found);
    }

    public ValueTask AddAsync(ChainNode node, CancellationToken nodeStopping)
    {
        List<ChainNode>? old, evicted = null;
        lock (_gate)
        {
            old = DropOld();
            if (_findable.ContainsKey((node.Tenant, node.Id))) throw new InvalidOperationException($"{node.Id} is stored already.");
            node.Hold();
            var entry = Keep(node);
            entry.FindableUntil = time.GetUtcNow() + options.AgeMax;
            _findable.Add((node.Tenant, node.Id), entry);
            entry.Aged = _byAge.AddLast(entry);
            if (entry.Children == 0) entry.End = _ends.AddLast(entry);
            entry.Items = _items.Add(node.Tenant, node.Output, _items.Add(node.Tenant, node.Input, others: null));
            kept?.Add(node);
            while ((_findable.Count > options.CountMax || _bytes > options.BytesMax) && _ends.First is { } first && first.Value != entry)
                Drop(first.Value, ref evicted);
        }
        LetGo(old, "age");
        LetGo(evicted, "room");
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        List<ChainNode>? gone = null;
        lock (_gate) if (_findable.TryGetValue((tenant, id), out var entry)) Drop(entry, ref gone);
        LetGo(gone, "deleted");
        return new(gone is not null);
    }

    /// <summary>An entry for the node and for each ancestor that has none yet: amortised, each node is met once.</summary>
    private Entry Keep(ChainNode node)
    {
        Entry? first = null, below = null;
        for (var at = node; ; at = at.Parent)
        {
            var isNew = !TryEntry(at, out var entry);
            entry ??= _entries[at] = new Entry(at);
            first ??= entry;
            if (below is not null) AddChild(entry);
            if (isNew) _bytes += at.Bytes;
            if (!isNew || at.Parent is null) return first;
            below = entry;
        }
    }

    private bool TryEntry(ChainNode node, [NotNullWhen(true)] out Entry? entry) => _entries.TryGetValue(node, out entry);

    private void AddChild(Entry entry)
    {
        entry.Children++;
        if (entry.End is not { } end) return;
        _ends.Remove(end);
        entry.End = null;
    }

    /// <summary>What is too old; null where nothing is, as mostly.</summary>
    private List<ChainNode>? DropOld()
    {
        List<ChainNode>? gone = null;
        var now = time.GetUtcNow();
        while (_byAge.First is { Value: var entry } && entry.FindableUntil <= now) Drop(entry, ref gone);
        return gone;
    }

    private void Drop(Entry entry, ref List<ChainNode>? gone)
    {
        var node = entry.Node;
        _findable.Remove((node.Tenant, node.Id));
        entry.FindableUntil = null;
        if (entry.Aged is { } aged) _byAge.Remove(aged);
        entry.Aged = null;
        if (entry.End is { } end) _ends.Remove(end);
        entry.End = null;
        _items.Remove(node.Tenant, entry.Items);
        entry.Items = null;
        (gone ??= []).Add(node);
        kept?.Remove(node);
        Forget(entry);
    }

    /// <summary>Gives back the bytes of what nobody needs any more, from here towards the chain's start.</summary>
    private void Forget(Entry entry)
    {
        while (!entry.IsFindable && entry.Children == 0)
        {
            _entries.Remove(entry.Node);
            _bytes -= entry.Node.Bytes;
            if (entry.Node.Parent is not { } parent) return;
            entry = _entries[parent];
            if (--entry.Children == 0 && entry.IsFindable) entry.End = _ends.AddFirst(entry);
        }
    }

    private void LetGo(List<ChainNode>? nodes, string reason)
    {
        // Outside the lock: releasing warm state is the backend's code.
        if (nodes is null) return;
        try
        {
            ChainNode.LetGo(nodes);
            metrics.Dropped.Add(nodes.Count, new KeyValuePair<string, object?>(Labels.Reason, reason));
        }
        catch (Exception exception) // the store: whoever came by is somebody else
        {
            Log.NotReleased(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1002, LogLevel.Error, "Responses that are no longer stored could not be released in full")]
        public static partial void NotReleased(ILogger logger, Exception exception);
    }

    private sealed class Entry(ChainNode node)
    {
        public ChainNode Node { get; } = node;
        public int Children { get; set; }

        /// <summary>Null: only kept by its children.</summary>
        public DateTimeOffset? FindableUntil { get; set; }
        public bool IsFindable => FindableUntil is not null;
        public LinkedListNode<Entry>? End { get; set; }
        public LinkedListNode<Entry>? Aged { get; set; }

        /// <summary>Where its items stand among those that can be found by id.</summary>
        public ItemPlace? Items { get; set; }
    }
}
