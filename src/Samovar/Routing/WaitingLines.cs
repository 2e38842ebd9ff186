using Samovar.Protocol.Ids;

namespace Samovar.Routing;

/// <summary>
/// Those who wait, tenant by tenant: each tenant's turns in their order, the tenants in turn. Not for two threads at once.
/// </summary>
internal sealed class WaitingLines
{
    private readonly LinkedList<Line> _lines = []; // whose turn it is first

    public int Count { get; private set; }

    public int CountOf(string pool) => _lines.Sum(line => line.Waiters.Count(waiter => waiter.Pool == pool));

    /// <summary>Everybody, as their turn comes.</summary>
    public IEnumerable<RouteWaiter> InTurn => _lines.SelectMany(line => line.Waiters);

    public void Add(RouteWaiter waiter)
    {
        var line = _lines.FirstOrDefault(line => line.Tenant == waiter.Tenant) ?? _lines.AddLast(new Line(waiter.Tenant)).Value;
        line.Waiters.AddLast(waiter);
        Count++;
    }

    public bool Remove(RouteWaiter waiter)
    {
        if (_lines.FirstOrDefault(line => line.Tenant == waiter.Tenant) is not { } line || !line.Waiters.Remove(waiter)) return false;
        if (line.Waiters.Count == 0) _lines.Remove(line);
        Count--;
        return true;
    }

    /// <summary>The tenant got its turn: the others come first now.</summary>
    public void Served(TenantId tenant)
    {
        if (_lines.FirstOrDefault(line => line.Tenant == tenant) is not { } line) return;
        _lines.Remove(line);
        _lines.AddLast(line);
    }

    private sealed class Line(TenantId tenant)
    {
        public TenantId Tenant { get; } = tenant;
        public LinkedList<RouteWaiter> Waiters { get; } = [];
    }
}
