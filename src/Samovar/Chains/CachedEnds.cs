using Samovar.Protocol.Ids;

namespace Samovar.Chains;

/// <summary>Findable nodes without children, of each tenant the least recently used first. Not for two threads at once.</summary>
internal sealed class CachedEnds
{
    private readonly Dictionary<TenantId, LinkedList<CachedNode>> _byTenant = []; // none of them is empty

    public void AddFirst(CachedNode entry) => entry.End = Of(entry).AddFirst(entry);
    public void AddLast(CachedNode entry) => entry.End = Of(entry).AddLast(entry);

    /// <summary>Where it is an end, it is the most recently used one now.</summary>
    public static void Use(CachedNode entry)
    {
        if (entry.End is not { List: { } ends } end) return;
        ends.Remove(end);
        ends.AddLast(end);
    }

    /// <summary>Where it is an end, it is none any more.</summary>
    public void Remove(CachedNode entry)
    {
        if (entry.End is not { List: { } ends } end) return;
        ends.Remove(end);
        if (ends.Count == 0) _byTenant.Remove(entry.Node.Tenant);
        entry.End = null;
    }

    /// <summary>The end that gives way next; null where there is none but the one that stays.</summary>
    /// <param name="tenants">In the order in which they give way.</param>
    /// <param name="last">The one behind which none is asked; null: all are.</param>
    public CachedNode? Next(IEnumerable<TenantId> tenants, CachedNode? stays = null, TenantId? last = null)
    {
        foreach (var tenant in tenants)
        {
            if (_byTenant.TryGetValue(tenant, out var ends) && ends.First!.Value is var first && first != stays) return first;
            if (tenant == last) return null;
        }
        return null;
    }

    private LinkedList<CachedNode> Of(CachedNode entry)
    {
        if (!_byTenant.TryGetValue(entry.Node.Tenant, out var ends)) _byTenant[entry.Node.Tenant] = ends = new();
        return ends;
    }
}
