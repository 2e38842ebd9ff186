using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Running;

/// <summary>What turns made, kept for connections that resume them: counted with all other chains, bounded by tenant and in all.</summary>
/// <remarks>
/// Where a bound is passed the oldest gives way, of the tenant whose bound it is or of the one that keeps most. Its turn can still be read,
/// and continued where it is stored or a lane has it.
/// </remarks>
internal sealed partial class HandedChains
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, OfTenant> _tenants = [];
    private readonly FlowHoldings _kept = new();
    private readonly KeptNodes _nodes;
    private readonly ReplayOptions _options;
    private readonly ReplayMetrics _metrics;
    private readonly ILogger<HandedChains> _logger;

    public HandedChains(KeptNodes nodes, ReplayOptions options, ReplayMetrics metrics, ILogger<HandedChains> logger)
    {
        (_nodes, _options, _metrics, _logger) = (nodes, options, metrics, logger);
        metrics.WatchChains(() => Bytes);
    }

    /// <summary>Bytes of the chains that are kept; what several of a tenant share counts once.</summary>
    public long Bytes { get { lock (_gate) return _kept.Total; } }

    /// <summary>Keeps a chain, unless it was let go before; others may give way to it, and it itself where alone it is too large.</summary>
    /// <param name="isWarm">Whether its warm state is held, too, because nobody else does.</param>
    public void Keep(HandedChain chain, bool isWarm)
    {
        var gone = new List<(HandedChain Chain, ChainNode Node, string Reason)>();
        lock (_gate)
        {
            if (chain.Node is not { } node) return;
            var tenant = TenantOf(node.Tenant);
            chain.Place = tenant.Oldest.AddLast(chain);
            if (isWarm) node.Hold();
            chain.IsWarm = isWarm;
            Count(tenant, node, removed: null);
            while (tenant.Ledger.Bytes > _options.TenantChainBytesMax) GiveWay(tenant, "tenant_bytes", gone);
            while (_kept.Total > _options.ChainBytesMax) GiveWay(LargestTenant(), "node_bytes", gone);
        }
        foreach (var (given, node, reason) in gone)
        {
            _metrics.ChainsDropped.Add(1, new KeyValuePair<string, object?>(Labels.Reason, reason));
            Log.GaveWay(_logger, node.Id, reason, node.ChainBytes);
            Release(given, node);
        }
    }

    /// <summary>The chain is kept no longer, if it is.</summary>
    public void LetGo(HandedChain chain)
    {
        ChainNode? node;
        lock (_gate) node = Take(chain);
        if (node is not null) Release(chain, node);
    }

    private void GiveWay(OfTenant tenant, string reason, List<(HandedChain Chain, ChainNode Node, string Reason)> gone)
    {
        var oldest = tenant.Oldest.First!.Value;
        gone.Add((oldest, Take(oldest)!, reason));
    }

    private ChainNode? Take(HandedChain chain)
    {
        if (chain.Node is not { } node) return null;
        chain.Node = null;
        if (chain.Place is not { } place) return node; // it was not kept yet, and will not be
        var tenant = _tenants[node.Tenant];
        tenant.Oldest.Remove(place);
        chain.Place = null;
        Count(tenant, added: null, node);
        if (tenant.Oldest.Count == 0) _tenants.Remove(node.Tenant);
        return node;
    }

    private void Count(OfTenant tenant, ChainNode? added, ChainNode? removed)
    {
        var before = tenant.Ledger.Bytes;
        tenant.Ledger.Change(added, removed);
        _kept.Add(new FlowId((added ?? removed)!.Tenant.Value), tenant.Ledger.Bytes - before);
        _nodes.Change(added, removed);
    }

    private OfTenant TenantOf(TenantId tenant)
    {
        if (!_tenants.TryGetValue(tenant, out var known)) _tenants[tenant] = known = new OfTenant(new ChainLedger(), new());
        return known;
    }

    private OfTenant LargestTenant() => _tenants[new TenantId(_kept.LargestToSmallest.First().Value)];

    /// <summary>Outside the gate: releasing warm state is the backend's code.</summary>
    private void Release(HandedChain chain, ChainNode node)
    {
        if (!chain.IsWarm) return;
        try { node.LetGo(); }
        catch (Exception exception) { Log.NotReleased(_logger, node.Id, exception); } // the response: the others go all the same
    }

    /// <summary>What is kept of one tenant.</summary>
    private sealed record OfTenant(ChainLedger Ledger, LinkedList<HandedChain> Oldest);

    private static partial class Log
    {
        [LoggerMessage(2502, LogLevel.Information,
            "Response {ResponseId} is no longer kept for whoever resumes it: {Reason}; its chain holds {ChainBytes} bytes")]
        public static partial void GaveWay(ILogger logger, ResponseId responseId, string reason, long chainBytes);

        [LoggerMessage(2503, LogLevel.Error, "Response {ResponseId}, which nobody resumed, could not be released in full")]
        public static partial void NotReleased(ILogger logger, ResponseId responseId, Exception exception);
    }
}

/// <summary>What one turn made, as long as it is kept for the connection that resumes it.</summary>
internal sealed class HandedChain(ChainNode node)
{
    public ResponseId Id { get; } = node.Id;

    /// <summary>Null: it has given way, or its turn is gone.</summary>
    public ChainNode? Node { get; set; } = node;

    /// <summary>Whether its warm state is held, too.</summary>
    public bool IsWarm { get; set; }

    /// <summary>Where it stands among those that are kept.</summary>
    public LinkedListNode<HandedChain>? Place { get; set; }
}
