using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>Shares by the rows of the database, for the life that this node lives now.</summary>
internal sealed class ClusterShares(IQuotaRows rows, ICluster cluster) : IQuotaShares
{
    public int Nodes => Math.Max(1, cluster.Nodes.Count(static node => node.State == NodeState.Active));

    public ValueTask<QuotaGrant> AskAsync(QuotaAsk ask, CancellationToken nodeStopping) =>
        rows.ExchangeAsync(cluster.Standing.Incarnation, ask, nodeStopping);
}
