using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// Keys that clients sent, for destinations that are to get them: by tenant, in memory alone, the longest unused given up first. Nothing
/// writes them anywhere but into the one header.
/// </summary>
internal sealed class CallerKeys(int countMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, LinkedListNode<(TenantId Tenant, string Key)>> _known = [];
    private readonly LinkedList<(TenantId Tenant, string Key)> _byUse = []; // the newest last

    /// <summary>The key that was used last; null where none was.</summary>
    public string? Newest { get { lock (_lock) return _byUse.Last?.Value.Key; } }

    public void Keep(TenantId tenant, string key)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(tenant, out var known)) _byUse.Remove(known);
            _known[tenant] = _byUse.AddLast((tenant, key));
            if (_known.Count <= countMax) return;
            _known.Remove(_byUse.First!.Value.Tenant);
            _byUse.RemoveFirst();
        }
    }

    /// <summary>The tenant's key; null where it sent none, or long ago.</summary>
    public string? Of(TenantId tenant)
    {
        lock (_lock) return _known.TryGetValue(tenant, out var known) ? known.Value.Key : null;
    }
}
