using Samovar.Protocol.Ids;

namespace Samovar.Quotas;

/// <summary>What one tenant may use, on all nodes together; null where that is not limited.</summary>
/// <param name="TokensPerMinute">Input that was not cached, and output.</param>
/// <param name="StoredBytes">Of stored responses, packed.</param>
internal sealed record TenantQuota(long? RequestsPerMinute, long? TokensPerMinute, int? TurnsAtOnce, long? StoredBytes)
{
    /// <summary>Whether turns are limited by it.</summary>
    public bool LimitsTurns => RequestsPerMinute is not null || TokensPerMinute is not null || TurnsAtOnce is not null;
}

/// <summary>Which tenants have quotas, as it is known now.</summary>
internal interface IQuotaTable
{
    /// <summary>Null where the tenant has none. Asks nobody, and costs a look-up.</summary>
    TenantQuota? QuotaOf(TenantId tenant);
}
