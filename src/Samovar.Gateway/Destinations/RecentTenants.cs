using System.Diagnostics.CodeAnalysis;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>One thing for each tenant, of so many tenants at most: the one that was noted longest ago is given up first. Not for two
/// threads at once.</summary>
internal sealed class RecentTenants<T>(int countMax)
{
    private readonly Dictionary<TenantId, LinkedListNode<(TenantId Tenant, T Value)>> _known = [];
    private readonly LinkedList<(TenantId Tenant, T Value)> _byUse = []; // the newest last

    public int Count => _known.Count;

    /// <summary>What was noted last.</summary>
    public T? Newest => _byUse.Last is { } last ? last.Value.Value : default;

    public void Set(TenantId tenant, T value)
    {
        if (_known.TryGetValue(tenant, out var known)) _byUse.Remove(known);
        _known[tenant] = _byUse.AddLast((tenant, value));
        if (_known.Count <= countMax) return;
        _known.Remove(_byUse.First!.Value.Tenant);
        _byUse.RemoveFirst();
    }

    /// <summary>The same, which counts as being noted.</summary>
    public bool TryUse(TenantId tenant, [MaybeNullWhen(false)] out T value)
    {
        var isKnown = TryGet(tenant, out value);
        if (isKnown) Set(tenant, value!);
        return isKnown;
    }

    public bool TryGet(TenantId tenant, [MaybeNullWhen(false)] out T value)
    {
        var isKnown = _known.TryGetValue(tenant, out var known);
        value = isKnown ? known!.Value.Value : default;
        return isKnown;
    }
}
