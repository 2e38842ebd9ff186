using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Protocol.Ids;

namespace Samovar.Chains;

/// <summary>
/// Finds the responses of a tenant by what their chains say: how a client that keeps the state itself comes to its chain,
/// <c>store:false</c> ones too. In memory only; by id only to be compared with. Safe for all threads.
/// </summary>
/// <remarks>
/// The newest response of a chain is held with its warm state; what it continues stays findable, for forks and for turns that are sent
/// again, but its warm state may go. Ends of chains are evicted, of the tenant that has most the least recently used first, and their
/// parents become ends.
/// </remarks>
internal sealed partial class ContentIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ContentIndexOptions _options;
    private readonly TimeProvider _time;
    private readonly ChainMetrics _metrics;
    private readonly ITimer? _sweep;
    private readonly Dictionary<(TenantId, ContentHash), ContentEntry> _newest = []; // of those that say the same
    private readonly Dictionary<(TenantId, ResponseId), ContentEntry> _named = [];
    private readonly Dictionary<ChainNode, ContentEntry> _entries = new(ReferenceEqualityComparer.Instance); // with what they stand on
    private readonly Dictionary<TenantId, ContentEnds> _ends = []; // none of them is empty
    private readonly TenantHoldings _held = new();
    private readonly KeptNodes? _all;

    public ContentIndex(ContentIndexOptions options, ChainMetrics metrics, TimeProvider time, ILogger<ContentIndex> logger,
        KeptNodes? kept = null)
    {
        (_options, _metrics, _time, _all) = (options, metrics, time, kept);
        var every = options.AgeMax / 4;
        if (IsOn) _sweep = time.CreateTimer(_ => Sweep(logger), null, every, every);
    }

    public bool IsOn => _options.EntriesMax > 0;

    /// <summary>Responses that can be found.</summary>
    public long Count { get { lock (_gate) return _held.Count; } }

    /// <summary>Bytes of the chains that are kept.</summary>
    public long Bytes { get { lock (_gate) return _held.Bytes; } }

    /// <summary>The newest responses of the tenant whose chains may say this, the newest first.</summary>
    public ChainNode[] Find(TenantId tenant, ContentHash content, int countMax)
    {
        var found = new List<ChainNode>();
        lock (_gate)
        {
            for (var at = _newest.GetValueOrDefault((tenant, content)); at is not null && found.Count < countMax; at = at.Older)
                found.Add(at.Node);
        }
        return [.. found];
    }

    /// <summary>The tenant's response of that name; null where it is not among those that can be found.</summary>
    public ChainNode? Named(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _named.GetValueOrDefault((tenant, id))?.Node;
    }

    /// <param name="keepsWarm">Whether it is likely enough to be continued that its warm state is worth holding.</param>
    public void Add(ChainNode node, bool keepsWarm)
    {
        if (!IsOn) return;
        var content = node.Content; // hashed before the lock
        List<ChainNode>? gone = null;
        lock (_gate)
        {
            var before = _held.Bytes;
            var entry = Keep(node, ref gone, out var end);
            if (entry.IsListed) return;
            if (keepsWarm) node.Hold();
            entry.IsHeld = keepsWarm;
            List(entry, content);
            if (entry.Children == 0) AddEnd(entry, end);
            while (NextToGive() is { } next) Drop(next, ref gone);
            _metrics.Remembered.Add(_held.Bytes - before);
        }
        if (gone is not null) ChainNode.LetGo(gone);
    }

    /// <summary>Lets go of everything: the node stops.</summary>
    public void Dispose()
    {
        _sweep?.Dispose();
        DropUntil(DateTimeOffset.MaxValue);
    }

    private void Sweep(ILogger logger)
    {
        try { DropUntil(_time.GetUtcNow() - _options.AgeMax); }
        catch (Exception exception) // the sweep: on a timer's thread it would end the process
        {
            GuardedLog.Write(() => Log.SweepBroke(logger, exception));
        }
    }

    private void DropUntil(DateTimeOffset oldest)
    {
        List<ChainNode>? gone = null;
        lock (_gate)
        {
            var before = _held.Bytes;
            foreach (var tenant in _ends.Keys.ToList())
                while (_ends.GetValueOrDefault(tenant)?.First is { } first && first.UsedAt <= oldest.UtcTicks) Drop(first, ref gone);
            _metrics.Remembered.Add(_held.Bytes - before);
        }
        if (gone is not null) ChainNode.LetGo(gone); // outside the lock: releasing warm state is the backend's code
    }

    /// <summary>Of the tenant that has most of what there is too much of; null where there is not.</summary>
    private ContentEntry? NextToGive()
    {
        if (_held.Count <= _options.EntriesMax && _held.Bytes <= _options.BytesMax) return null;
        foreach (var tenant in _held.Count > _options.EntriesMax ? _held.MostResponsesFirst : _held.MostBytesFirst)
            if (_ends.TryGetValue(tenant, out var ends)) return ends.First;
        return null;
    }

    /// <summary>An entry for the node and for each of those before it that has none yet: amortised, each node is met once.</summary>
    /// <param name="end">The one that was an end until now.</param>
    private ContentEntry Keep(ChainNode node, ref List<ChainNode>? gone, out ChainNode? end)
    {
        end = null;
        if (_entries.TryGetValue(node, out var entry)) return entry;
        var made = entry = Make(node);
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            var isKnown = _entries.TryGetValue(at, out var parent);
            made.Parent = parent ??= Make(at);
            parent.Children++;
            if (isKnown)
            {
                LetGo(parent, ref gone);
                if (RemoveEnd(parent)) end = at;
                break;
            }
            made = parent;
        }
        return entry;
    }

    private ContentEntry Make(ChainNode node)
    {
        _held.AddBytes(node, node.Bytes);
        return _entries[node] = new ContentEntry(node);
    }

    private void List(ContentEntry entry, ContentHash content)
    {
        _held.AddCount(entry.Node, 1);
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, (entry.Node.Tenant, content), out _);
        entry.Older = newest;
        if (newest is not null) newest.Newer = entry;
        (newest, entry.IsListed) = (entry, true);
        _named[(entry.Node.Tenant, entry.Node.Id)] = entry;
    }

    private void AddEnd(ContentEntry entry, ChainNode? before)
    {
        entry.UsedAt = _time.GetUtcNow().UtcTicks;
        EndsOf(entry).AddLast(entry);
        _all?.Change(entry.Node, before);
    }

    /// <summary>Forgets an end; what it continues is the next to go, unless another fork stands on it.</summary>
    private void Drop(ContentEntry entry, ref List<ChainNode>? gone)
    {
        RemoveEnd(entry);
        LetGo(entry, ref gone);
        Unlist(entry);
        var end = entry.Node;
        for (var at = entry; ; at = at.Parent)
        {
            _entries.Remove(at.Node);
            _held.AddBytes(at.Node, -at.Node.Bytes);
            if (at.Parent is not { } parent || --parent.Children > 0) break;
            if (!parent.IsListed) continue; // only kept by what stood on it
            EndsOf(parent).AddFirst(parent);
            _all?.Change(parent.Node, end);
            return;
        }
        _all?.Remove(end);
    }

    private ContentEnds EndsOf(ContentEntry entry)
    {
        if (!_ends.TryGetValue(entry.Node.Tenant, out var ends)) _ends[entry.Node.Tenant] = ends = new();
        return ends;
    }

    /// <returns>Whether it was an end.</returns>
    private bool RemoveEnd(ContentEntry entry)
    {
        if (!_ends.TryGetValue(entry.Node.Tenant, out var ends) || !ends.Remove(entry)) return false;
        if (ends.First is null) _ends.Remove(entry.Node.Tenant);
        return true;
    }

    private void Unlist(ContentEntry entry)
    {
        _held.AddCount(entry.Node, -1);
        entry.IsListed = false;
        var name = (entry.Node.Tenant, entry.Node.Id);
        if (_named.GetValueOrDefault(name) == entry) _named.Remove(name); // an opened chain has nodes of the same names
        if (entry.Older is { } older) older.Newer = entry.Newer;
        if (entry.Newer is { } newer) newer.Older = entry.Older;
        else if (entry.Older is { } newest) _newest[(entry.Node.Tenant, entry.Node.Content)] = newest;
        else _newest.Remove((entry.Node.Tenant, entry.Node.Content));
        (entry.Older, entry.Newer) = (null, null);
    }

    private static void LetGo(ContentEntry entry, ref List<ChainNode>? gone)
    {
        if (entry.IsHeld) (gone ??= []).Add(entry.Node);
        entry.IsHeld = false;
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "Old chains could not be released in full")]
        public static partial void SweepBroke(ILogger logger, Exception exception);
    }
}
