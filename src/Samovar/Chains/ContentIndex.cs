using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Protocol.Ids;

namespace Samovar.Chains;

/// <summary>
/// Finds the responses of a tenant by what their chains say: how a client that keeps the state itself comes to its chain,
/// <c>store:false</c> ones too. In memory only, never by id; safe for all threads.
/// </summary>
/// <remarks>
/// The newest response of a chain is held with its warm state; what it continues stays findable, for forks and for turns that are sent
/// again, but its warm state may go. Ends of chains are evicted, the least recently used first, and their parents become ends.
/// </remarks>
internal sealed partial class ContentIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ContentIndexOptions _options;
    private readonly TimeProvider _time;
    private readonly ChainMetrics _metrics;
    private readonly ITimer? _sweep;
    private readonly Dictionary<(TenantId, ContentHash), List<ChainNode>> _byContent = [];
    private readonly Dictionary<ChainNode, Entry> _entries = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<Entry> _ends = new(); // least recently used first
    private readonly ChainLedger _kept = new(); // what the ends stand on
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
    public int Count { get { lock (_gate) return _entries.Count; } }

    /// <summary>Bytes of the chains that are kept.</summary>
    public long Bytes { get { lock (_gate) return _kept.Bytes; } }

    /// <summary>The newest responses of the tenant whose chains may say this, the newest first.</summary>
    public ChainNode[] Find(TenantId tenant, ContentHash content, int countMax)
    {
        lock (_gate)
        {
            if (!_byContent.TryGetValue((tenant, content), out var nodes)) return [];
            var newest = nodes[^Math.Min(countMax, nodes.Count)..];
            newest.Reverse();
            return [.. newest];
        }
    }

    /// <param name="keepsWarm">Whether it is likely enough to be continued that its warm state is worth holding.</param>
    public void Add(ChainNode node, bool keepsWarm)
    {
        if (!IsOn) return;
        var key = (node.Tenant, node.Content); // hashed before the lock
        if (keepsWarm) node.Hold();
        Change(gone =>
        {
            var entry = _entries[node] = new Entry(node) { IsHeld = keepsWarm };
            if (!_byContent.TryGetValue(key, out var same)) _byContent[key] = same = new(1);
            same.Add(node);
            (entry.End, entry.UsedAt) = (_ends.AddLast(entry), _time.GetUtcNow());
            Keep(node);
            if (node.Parent is { } parent && _entries.TryGetValue(parent, out var before)) AddChild(before, gone);
            while ((_entries.Count > _options.EntriesMax || _kept.Bytes > _options.BytesMax) && _ends.First is { Value: var first })
                Drop(first, gone);
        });
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

    private void DropUntil(DateTimeOffset oldest) => Change(gone =>
    {
        while (_ends.First is { Value: var first } && first.UsedAt <= oldest) Drop(first, gone);
    });

    /// <summary>Lets go of what a change made unneeded, outside the lock: releasing warm state is the backend's code.</summary>
    private void Change(Action<List<ChainNode>> change)
    {
        var gone = new List<ChainNode>();
        lock (_gate)
        {
            var before = _kept.Bytes;
            change(gone);
            _metrics.Remembered.Add(_kept.Bytes - before);
        }
        ChainNode.LetGo(gone);
    }

    private void AddChild(Entry entry, List<ChainNode> gone)
    {
        entry.Children++;
        LetGo(entry, gone);
        if (entry.End is not { } end) return;
        _ends.Remove(end);
        entry.End = null;
        Forget(entry.Node);
    }

    /// <summary>Forgets an end; what it continues is the next to go, unless another fork stands on it.</summary>
    private void Drop(Entry entry, List<ChainNode> gone)
    {
        var node = entry.Node;
        _entries.Remove(node);
        _ends.Remove(entry.End!);
        LetGo(entry, gone);
        Unlist(node);
        if (node.Parent is { } parent && _entries.TryGetValue(parent, out var before) && --before.Children == 0)
        {
            before.End = _ends.AddFirst(before);
            Keep(parent);
        }
        Forget(node); // after its parent became an end: what both stand on is not walked
    }

    private void Keep(ChainNode end)
    {
        _kept.Add(end);
        _all?.Add(end);
    }

    private void Forget(ChainNode end)
    {
        _kept.Remove(end);
        _all?.Remove(end);
    }

    private void Unlist(ChainNode node)
    {
        var key = (node.Tenant, node.Content);
        var same = _byContent[key];
        same.Remove(node);
        if (same.Count == 0) _byContent.Remove(key);
    }

    private static void LetGo(Entry entry, List<ChainNode> gone)
    {
        if (entry.IsHeld) gone.Add(entry.Node);
        entry.IsHeld = false;
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Error, "Old chains could not be released in full")]
        public static partial void SweepBroke(ILogger logger, Exception exception);
    }

    private sealed class Entry(ChainNode node)
    {
        public ChainNode Node { get; } = node;
        public int Children { get; set; }
        public bool IsHeld { get; set; }
        public DateTimeOffset UsedAt { get; set; }
        public LinkedListNode<Entry>? End { get; set; }
    }
}
