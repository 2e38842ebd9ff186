using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// Keys that clients sent, for destinations that are to get them: by tenant, in memory alone, the longest unused given up first. Nothing
/// writes them anywhere but into the one header.
/// </summary>
internal sealed class CallerKeys(int countMax)
{
    private readonly Lock _lock = new();
    private readonly RecentTenants<string> _known = new(countMax);

    /// <summary>The key that was used last; null where none was.</summary>
    public string? Newest { get { lock (_lock) return _known.Newest; } }

    public void Keep(TenantId tenant, string key) { lock (_lock) _known.Set(tenant, key); }

    /// <summary>The tenant's key; null where it sent none, or long ago.</summary>
    public string? Of(TenantId tenant) { lock (_lock) return _known.TryGet(tenant, out var key) ? key : null; }
}
