using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Stored responses in memory by tenant and id, bounded in count, bytes and age.</summary>
/// <remarks>
/// A child keeps its ancestors in memory, so evicting an ancestor would free nothing and lose an id. Only ends of chains are evicted, of
/// the tenant that has most, and there the least recently used chain first, from its end to its start; a node's bytes count until it is
/// neither findable nor below a findable one.
/// </remarks>
/// <param name="dropped">Counts what can no longer be found here, by reason.</param>
internal sealed partial class ChainCache(
    ChainOptions options, TimeProvider time, Counter<long> dropped, ILogger logger, KeptNodes? kept,
    CompletionIndex? completions = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ChainNode, CachedNode> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(TenantId, ResponseId), CachedNode> _byId = []; // the findable one, where one of several nodes of an id is
    private readonly ItemIndex _items = new();
    private readonly CachedEnds _ends = new();
    private readonly TenantHoldings _held = new();
    private readonly LinkedList<CachedNode> _byAge = new(); // findable, oldest first; what is dropped leaves at once, it holds its items

    /// <summary>Responses that can be found.</summary>
    public int Count { get { lock (_gate) return _byAge.Count; } }

    /// <summary>Bytes of all nodes that are kept in memory by findable ones.</summary>
    public long Bytes { get { lock (_gate) return _held.Bytes; } }

    /// <param name="isUse">Whether it counts as used; merely to look whether it is there is no use.</param>
    public ChainNode? Find(TenantId tenant, ResponseId id, bool isUse = true)
    {
        List<ChainNode>? gone;
        ChainNode? found = null;
        lock (_gate)
        {
            gone = DropOld();
            if (_byId.TryGetValue((tenant, id), out var entry) && entry.IsFindable)
            {
                found = entry.Node;
                if (isUse) CachedEnds.Use(entry);
            }
        }
        LetGo(gone, "age");
        return found;
    }

    /// <summary>A node that is in memory, be it only because others continue it.</summary>
    public ChainNode? FindInMemory(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _byId.GetValueOrDefault((tenant, id))?.Node;
    }

    public ItemPlace? FindItem(TenantId tenant, string itemId)
    {
        List<ChainNode>? gone;
        ItemPlace? found;
        lock (_gate)
        {
            gone = DropOld();
            var place = _items.Find(tenant, itemId);
            while (place is not null && !_entries[place.Node].IsFindable) place = place.Older;
            found = place;
        }
        LetGo(gone, "age");
        return found;
    }

    /// <summary>Nodes in memory that have an item of that id, be they there only because others continue them.</summary>
    public List<ChainNode> HoldersOf(TenantId tenant, string itemId)
    {
        var holders = new List<ChainNode>();
        lock (_gate)
            for (var place = _items.Find(tenant, itemId); place is not null; place = place.Older) holders.Add(place.Node);
        return holders;
    }

    /// <summary>Has the node in memory before it can be found, so that nobody makes another one of its id.</summary>
    public void Reserve(ChainNode node)
    {
        lock (_gate) AddChild(Keep(node)); // as if something continued it
    }

    /// <summary>The counterpart of <see cref="Reserve"/>.</summary>
    public void Unreserve(ChainNode node)
    {
        lock (_gate) Unreserved(node);
    }

    /// <summary>Keeps a node that may not be found, and its warm state, as if something continued it. Its tenant's others give way to it,
    /// and those of tenants that have more.</summary>
    /// <returns>Whether there is room: where there is not, nothing is kept.</returns>
    public bool TryPin(ChainNode node)
    {
        List<ChainNode>? evicted = null;
        bool hasRoom;
        lock (_gate)
        {
            AddChild(Keep(node));
            while (_held.Bytes > options.BytesMax && _ends.Next(_held.MostBytesFirst, last: node.Tenant) is { } next)
                Drop(next, ref evicted);
            hasRoom = _held.Bytes <= options.BytesMax;
            if (!hasRoom) Unreserved(node);
        }
        LetGo(evicted, "room");
        if (!hasRoom) return false;
        node.Hold();
        kept?.Add(node);
        return true;
    }

    /// <summary>The counterpart of <see cref="TryPin"/>.</summary>
    public void Unpin(ChainNode node)
    {
        lock (_gate) Unreserved(node);
        kept?.Remove(node);
        try
        {
            node.LetGo();
        }
        catch (Exception exception) // the store, as below
        {
            Log.NotReleased(logger, exception);
        }
    }

    /// <summary>Makes a node findable.</summary>
    /// <returns>The node that is found under its id now: another one where that was findable before.</returns>
    /// <param name="node">The node.</param>
    /// <param name="isNew">Whether nothing was found under its id before.</param>
    /// <param name="isReserved">Whether this ends a <see cref="Reserve"/>.</param>
    public ChainNode Add(ChainNode node, out bool isNew, bool isReserved = false)
    {
        List<ChainNode>? old, evicted = null;
        lock (_gate)
        {
            old = DropOld();
            isNew = !(_byId.TryGetValue((node.Tenant, node.Id), out var known) && known.IsFindable);
            if (isNew)
            {
                var entry = Keep(node);
                if (isReserved) LoseChild(entry);
                Show(entry);
                while (TooMuch() is { } most && _ends.Next(most, stays: entry) is { } next) Drop(next, ref evicted);
            }
            else
            {
                if (isReserved) Unreserved(node);
                node = known!.Node;
            }
        }
        LetGo(old, "age");
        LetGo(evicted, "room");
        return node;
    }

    public bool Remove(TenantId tenant, ResponseId id)
    {
        List<ChainNode>? gone = null;
        lock (_gate) if (_byId.TryGetValue((tenant, id), out var entry) && entry.IsFindable) Drop(entry, ref gone);
        LetGo(gone, "deleted");
        return gone is not null;
    }

    /// <summary>Tenants, the one first that has most of what there is too much of; null where there is not.</summary>
    private IEnumerable<TenantId>? TooMuch() => _held.Count > options.CountMax ? _held.MostResponsesFirst
        : _held.Bytes > options.BytesMax ? _held.MostBytesFirst : null;

    private void Unreserved(ChainNode node)
    {
        var entry = _entries[node];
        LoseChild(entry);
        Forget(entry);
    }

    private void Show(CachedNode entry)
    {
        var node = entry.Node;
        node.Hold();
        entry.FindableUntil = time.GetUtcNow() + options.AgeMax;
        _byId[(node.Tenant, node.Id)] = entry;
        entry.Aged = _byAge.AddLast(entry);
        _held.AddCount(node, 1);
        if (entry.Children == 0) _ends.AddLast(entry);
        completions?.Add(node);
        kept?.Add(node);
    }

    /// <summary>An entry for the node and for each ancestor that has none yet: amortised, each node is met once.</summary>
    private CachedNode Keep(ChainNode node)
    {
        CachedNode? first = null, below = null;
        var made = new Stack<CachedNode>();
        for (var at = node; ; at = at.Parent)
        {
            var isNew = !TryEntry(at, out var entry);
            entry ??= Make(at);
            first ??= entry;
            if (below is not null) AddChild(entry);
            if (isNew) made.Push(entry);
            if (!isNew || at.Parent is null) break;
            below = entry;
        }
        foreach (var entry in made) entry.Items = ItemsOf(entry.Node); // the newest last
        return first;
    }

    private ItemPlace? ItemsOf(ChainNode node) => _items.Add(node, node.Output, _items.Add(node, node.Input, others: null));

    private CachedNode Make(ChainNode node)
    {
        _held.AddBytes(node, node.Bytes);
        var entry = _entries[node] = new CachedNode(node);
        _byId.TryAdd((node.Tenant, node.Id), entry);
        return entry;
    }

    private bool TryEntry(ChainNode node, [NotNullWhen(true)] out CachedNode? entry) => _entries.TryGetValue(node, out entry);

    private void AddChild(CachedNode entry)
    {
        entry.Children++;
        _ends.Remove(entry);
    }

    /// <summary>What is too old; null where nothing is, as mostly.</summary>
    private List<ChainNode>? DropOld()
    {
        List<ChainNode>? gone = null;
        var now = time.GetUtcNow();
        while (_byAge.First is { Value: var entry } && entry.FindableUntil <= now) Drop(entry, ref gone);
        return gone;
    }

    private void Drop(CachedNode entry, ref List<ChainNode>? gone)
    {
        var node = entry.Node;
        entry.FindableUntil = null;
        if (entry.Aged is { } aged) _byAge.Remove(aged);
        entry.Aged = null;
        _held.AddCount(node, -1);
        _ends.Remove(entry);
        (gone ??= []).Add(node);
        completions?.Remove(node);
        kept?.Remove(node);
        Forget(entry);
    }

    /// <summary>Gives back the bytes of what nobody needs any more, from here towards the chain's start.</summary>
    private void Forget(CachedNode entry)
    {
        while (!entry.IsFindable && entry.Children == 0)
        {
            var node = entry.Node;
            _entries.Remove(node);
            _items.Remove(node.Tenant, entry.Items);
            if (_byId.GetValueOrDefault((node.Tenant, node.Id)) == entry) _byId.Remove((node.Tenant, node.Id));
            _held.AddBytes(node, -node.Bytes);
            if (node.Parent is not { } parent) return;
            entry = _entries[parent];
            LoseChild(entry);
        }
    }

    private void LoseChild(CachedNode entry)
    {
        if (--entry.Children == 0 && entry.IsFindable) _ends.AddFirst(entry);
    }

    private void LetGo(List<ChainNode>? nodes, string reason)
    {
        // Outside the lock: releasing warm state is the backend's code.
        if (nodes is null) return;
        try
        {
            ChainNode.LetGo(nodes);
            dropped.Add(nodes.Count, new KeyValuePair<string, object?>(Labels.Reason, reason));
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
}
