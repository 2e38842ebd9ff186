using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Chains;

/// <summary>What each tenant has in a memory that all share: where room is lacking whoever has most gives way first, so that a flood costs
/// its own tenant. Not for two threads at once.</summary>
internal sealed class TenantHoldings
{
    private readonly FlowHoldings _counts = new(), _bytes = new();

    /// <summary>Responses that can be found.</summary>
    public long Count => _counts.Total;

    /// <summary>Bytes of all that is kept.</summary>
    public long Bytes => _bytes.Total;

    /// <summary>Tenants, the one first that has most of them. Not to be changed while it is read.</summary>
    public IEnumerable<TenantId> MostResponsesFirst => Tenants(_counts);

    /// <summary>As above.</summary>
    public IEnumerable<TenantId> MostBytesFirst => Tenants(_bytes);

    public void AddCount(ChainNode node, int change) => _counts.Add(FlowOf(node), change);
    public void AddBytes(ChainNode node, long change) => _bytes.Add(FlowOf(node), change);

    private static FlowId FlowOf(ChainNode node) => new(node.Tenant.Value);

    private static IEnumerable<TenantId> Tenants(FlowHoldings held) =>
        held.LargestToSmallest.Select(static flow => new TenantId(flow.Value));
}
