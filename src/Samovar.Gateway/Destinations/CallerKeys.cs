using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// Keys that clients sent, for destinations that are to get them: by tenant, in memory alone, the longest unused given up first. Nothing
/// writes them anywhere but into the one header.
/// </summary>
internal sealed class CallerKeys(int countMax)
{
    private const string TenantStart = "key-";
    private const int TenantDigits = 16;
    private readonly Lock _lock = new();
    private readonly RecentTenants<string> _known = new(countMax);

    /// <summary>Whoever sends a key that goes on is the tenant of that key.</summary>
    public static TenantId TenantOf(string key) =>
        new(TenantStart + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))[..TenantDigits]);

    /// <summary>Whether the tenant is that of a key, so that none of its turns may go on without it.</summary>
    public static bool IsOfKey(TenantId tenant) => tenant.Value.StartsWith(TenantStart, StringComparison.Ordinal);

    /// <summary>The key that was used last; null where none was.</summary>
    public string? Newest { get { lock (_lock) return _known.Newest; } }

    public void Keep(TenantId tenant, string key) { lock (_lock) _known.Set(tenant, key); }

    /// <summary>The tenant's key, which is used now; null where it sent none, or long ago.</summary>
    public string? Of(TenantId tenant) { lock (_lock) return _known.TryUse(tenant, out var key) ? key : null; }
}
