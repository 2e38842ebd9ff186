using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>What a client finds at a node that it comes to: what was begun there, but no tree of one that its row calls dead. That such a
/// node tells it until its next beat is a known limit, and no fault.</summary>
internal sealed class EdgeRuns(Life life) : ITurnsAtWork
{
    public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch) => life.TryBegin(tenant, id, root, epoch);

    public long? EpochOf(TenantId tenant, ResponseId id) => life.EpochOf(tenant, id) is var epoch
        && epoch == 0 && life.Schedule.Rows.StateOf(life.Incarnation) == NodeState.Dead ? null : epoch;

    public bool IsBusy(TenantId tenant, ResponseId root) => life.IsBusy(tenant, root);
}
