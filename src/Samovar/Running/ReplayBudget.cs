using Samovar.Budgets;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Running;

/// <summary>Counts the events that are kept to be read again: by tenant, in all, and in the node's share of logs. Safe for all
/// threads.</summary>
internal sealed class ReplayBudget(FlowShare logs, ReplayOptions options)
{
    public ReplayBudget(MemoryShares memory, ReplayOptions options, ReplayMetrics metrics) : this(memory.Logs, options) =>
        metrics.WatchEvents(() => Bytes);

    /// <summary>What events are a part of that are not read yet.</summary>
    public FlowShare Logs => logs;

    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, long> _held = [];
    private long _bytes;

    /// <summary>Bytes that are kept, of all tenants.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Takes room for more; false, and nothing taken, where a bound would be passed.</summary>
    public bool TryTake(ReplayOwner owner, long bytes)
    {
        lock (_gate)
        {
            if (_bytes + bytes > options.BytesMax || _held.GetValueOrDefault(owner.Tenant) + bytes > options.TenantBytesMax) return false;
            if (!logs.TryTake(owner.Flow, bytes)) return false;
            Count(owner.Tenant, bytes);
            return true;
        }
    }

    /// <summary>Counts what is kept whatever the bounds: a turn's newest event, and what somebody reads just now.</summary>
    public void Take(ReplayOwner owner, long bytes)
    {
        logs.Take(owner.Flow, bytes);
        lock (_gate) Count(owner.Tenant, bytes);
    }

    public void GiveBack(ReplayOwner owner, long bytes)
    {
        if (bytes == 0) return;
        logs.GiveBack(owner.Flow, bytes);
        lock (_gate) Count(owner.Tenant, -bytes);
    }

    /// <summary>Whether it is the bound of all tenants that leaves no room, and not one of the tenant's own.</summary>
    public bool IsNodeFull(TenantId tenant, long bytes)
    {
        lock (_gate) return _bytes + bytes > options.BytesMax && _held.GetValueOrDefault(tenant) + bytes <= options.TenantBytesMax;
    }

    private void Count(TenantId tenant, long bytes)
    {
        _bytes += bytes;
        var held = _held.GetValueOrDefault(tenant) + bytes;
        if (held == 0) _held.Remove(tenant);
        else _held[tenant] = held;
    }
}

/// <summary>Whose events are kept: whose bound they count in, and whose part of the share they take.</summary>
internal readonly record struct ReplayOwner(TenantId Tenant, FlowId Flow);
