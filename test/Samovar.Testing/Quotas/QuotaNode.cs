using Samovar.Cluster;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Quotas;
using Samovar.Stores;
using Samovar.Testing.Core;

namespace Samovar.Testing.Quotas;

/// <summary>Quotas as one node holds them, alone or as one of several.</summary>
internal sealed class QuotaNode : ICluster, IQuotaTable, IAsyncDisposable
{
    private readonly TestMeters _meters = new();

    /// <param name="rows">Null: it stands alone.</param>
    public QuotaNode(TimeProvider time, string name = "one", IQuotaRows? rows = null)
    {
        Standing = new NodeStanding(new Incarnation("node_" + name));
        var metrics = new QuotaMetrics(_meters, new MetricOptions());
        Uses = new QuotaUses(Options, metrics, time, Log, rows is null ? null : new ClusterShares(rows, this));
        Quotas = new TenantQuotas(this, Uses, metrics, time);
    }

    public QuotaOptions Options { get; } = new();
    public LineLogger<QuotaUses> Log { get; } = new();
    public QuotaUses Uses { get; }
    public TenantQuotas Quotas { get; }

    /// <summary>Those that have a quota.</summary>
    public Dictionary<TenantId, TenantQuota> Table { get; } = [];
    public NodeStanding Standing { get; }
    public IReadOnlyList<ClusterNode> Nodes { get; set; } = [];

    public TenantQuota? QuotaOf(TenantId tenant) => Table.GetValueOrDefault(tenant);

    /// <summary>This node and others are seen at work.</summary>
    public void See(params QuotaNode[] others) => Nodes =
    [
        .. others.Append(this).Select(static node => new ClusterNode(
            new NodeName(node.Standing.Incarnation.Value), node.Standing.Incarnation, new Uri("http://n:1"), NodeState.Active)),
    ];

    public ValueTask<QuotaHold?> EnterAsync(TenantId tenant, bool isOnSocket = false) =>
        Quotas.EnterAsync(tenant, isOnSocket, CancellationToken.None);

    /// <summary>A turn that is over at once; null where it was let in.</summary>
    public async Task<ApiException?> TryAsync(TenantId tenant, int tokens = 0)
    {
        try
        {
            (await EnterAsync(tenant))?.End(new Usage(tokens, 0, 0, 0));
            return null;
        }
        catch (ApiException refusal)
        {
            return refusal;
        }
    }

    /// <summary>How many of so many turns are let in that come at once.</summary>
    public async Task<int> CountAsync(TenantId tenant, int turns, int tokens = 0)
    {
        var count = 0;
        for (var i = 0; i < turns; i++)
            if (await TryAsync(tenant, tokens) is null) count++;
        return count;
    }

    /// <summary>Until nothing is asked any more.</summary>
    public Task SettledAsync() => Uses.IdleAsync().WaitAsync(Soon.Patience);

    public async ValueTask DisposeAsync()
    {
        await Uses.DisposeAsync();
        Standing.Dispose();
        _meters.Dispose();
    }
}
