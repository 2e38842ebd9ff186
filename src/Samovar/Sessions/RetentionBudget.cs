using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Sessions;

/// <summary>What the connections of this node keep for their lanes, bounded in bytes, each connection and all together.</summary>
/// <remarks>
/// When a bound is passed the least recently used goes first: of one connection its lanes; of the node the connections of the flow that
/// keeps most, each from its least recently used lane, so that nobody pushes out others who keep less. One lock for all: under it a few
/// links are changed, whatever a chain's length.
/// </remarks>
internal sealed partial class RetentionBudget
{
    private readonly SessionOptions _options;
    private readonly SessionMetrics _metrics;
    private readonly ILogger<RetentionBudget> _logger;
    private readonly KeptNodes? _nodes;
    private readonly Dictionary<FlowId, LinkedList<RetainedLanes>> _byUse = []; // caches that keep anything, least recently used first
    private readonly FlowHoldings _kept = new();

    public RetentionBudget(
        SessionOptions options, SessionMetrics metrics, ILogger<RetentionBudget> logger, KeptNodes? kept = null)
    {
        (_options, _metrics, _logger, _nodes) = (options, metrics, logger, kept);
        ConnectionBytesMax = Math.Min(options.RetainedBytesMax, options.RetainedBytesTotalMax);
        metrics.WatchRetained(() => Bytes);
    }

    /// <summary>Guards this budget and every cache under it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Bytes that one connection may keep.</summary>
    public long ConnectionBytesMax { get; }

    /// <summary>Bytes that all connections keep; what several share counts for each.</summary>
    public long Bytes { get { lock (Gate) return _kept.Total; } }

    /// <summary>A cache keeps that many more bytes. Under the gate.</summary>
    public void Add(FlowId flow, long bytes) => _kept.Add(flow, bytes);

    /// <summary>A cache keeps a response, or one no longer, or one instead of another. Under the gate.</summary>
    public void Count(ChainNode? added, ChainNode? removed) => _nodes?.Change(added, removed);

    /// <summary>A cache was used. Under the gate.</summary>
    public void Touch(LinkedListNode<RetainedLanes> place)
    {
        if (place is { List: not null, Next: null }) return; // it was the last one that was used
        place.List?.Remove(place);
        var flow = place.Value.Flow;
        if (!_byUse.TryGetValue(flow, out var caches)) _byUse[flow] = caches = new();
        caches.AddLast(place);
    }

    /// <summary>A cache keeps nothing more. Under the gate.</summary>
    public void Leave(LinkedListNode<RetainedLanes> place)
    {
        if (place.List is not { } caches) return;
        caches.Remove(place);
        if (caches.Count == 0) _byUse.Remove(place.Value.Flow);
    }

    /// <summary>Makes room for what one of the caches just kept, which itself stays. Under the gate.</summary>
    public void Trim(RetainedLanes user, List<LetGo> gone)
    {
        while (_kept.Total > _options.RetainedBytesTotalMax && NextToGive(user) is { } next) next.GiveOldest(gone, LetGo.NodeBytes);
    }

    /// <summary>Of the flow that keeps most whatever was used longest ago.</summary>
    private RetainedLanes? NextToGive(RetainedLanes user)
    {
        foreach (var flow in _kept.LargestToSmallest)
            if (_byUse.GetValueOrDefault(flow)?.FirstOrDefault(cache => cache != user || cache.Count > 1) is { } next) return next;
        return null;
    }

    /// <summary>Lets go of what left a cache; outside the gate, because releasing warm state is the backend's code.</summary>
    public void Release(List<LetGo> gone)
    {
        foreach (var one in gone)
        {
            try { Release(one); }
            catch (Exception exception) { Log.NotReleased(_logger, one.Node.Id, exception); } // the response: the others go all the same
        }
    }

    private void Release(LetGo gone)
    {
        var (node, lane, reason) = gone;
        node.LetGo();
        _metrics.Evicted.Add(1, new KeyValuePair<string, object?>(Labels.Reason, reason));
        if (reason is LetGo.ConnectionBytes or LetGo.NodeBytes or LetGo.TooLarge)
            Log.GaveWay(_logger, node.Id, lane, reason, node.ChainBytes);
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information,
            "Response {ResponseId}, the newest of lane {Lane}, was let go: {Reason}; its chain holds {ChainBytes} bytes")]
        public static partial void GaveWay(ILogger logger, ResponseId responseId, LaneId lane, string reason, long chainBytes);

        [LoggerMessage(3003, LogLevel.Error, "Response {ResponseId} could not be released in full")]
        public static partial void NotReleased(ILogger logger, ResponseId responseId, Exception exception);
    }
}

/// <summary>What one connection keeps, as the budget of all connections sees it.</summary>
internal abstract class RetainedLanes
{
    /// <summary>Whose connection it is.</summary>
    public abstract FlowId Flow { get; }

    /// <summary>Lanes of which something is kept. Under the gate.</summary>
    public abstract int Count { get; }

    /// <summary>The least recently used lane's response gives way. Under the gate.</summary>
    public abstract void GiveOldest(List<LetGo> gone, string reason);
}

/// <summary>A response that left a connection's memory, and why.</summary>
internal readonly record struct LetGo(ChainNode Node, LaneId Lane, string Reason)
{
    public const string Superseded = "superseded";
    public const string FailedContinuation = "failed_continuation";
    public const string Closed = "closed";
    public const string ConnectionBytes = "connection_bytes";
    public const string NodeBytes = "node_bytes";
    public const string TooLarge = "too_large";
}
