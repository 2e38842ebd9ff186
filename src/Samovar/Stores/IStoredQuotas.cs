using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>How much tenants may store that have a quota of their own.</summary>
public interface IStoredQuotas
{
    /// <summary>In bytes; null where the bound of all tenants counts. Asks nobody.</summary>
    long? StoredBytesOf(TenantId tenant);
}
