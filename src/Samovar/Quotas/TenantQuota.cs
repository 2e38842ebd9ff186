using Samovar.Protocol.Ids;

namespace Samovar.Quotas;

/// <summary>How many turns there may be, on all nodes together; null where that is not limited.</summary>
internal record Quota(long? RequestsPerMinute, long? TokensPerMinute, int? TurnsAtOnce)
{
    /// <summary>Whether turns are limited by it.</summary>
    public bool LimitsTurns => RequestsPerMinute is not null || TokensPerMinute is not null || TurnsAtOnce is not null;
}

/// <summary>What one tenant may use.</summary>
/// <param name="TokensPerMinute">Input that was not cached, and output.</param>
/// <param name="StoredBytes">Of stored responses, packed.</param>
internal sealed record TenantQuota(long? RequestsPerMinute, long? TokensPerMinute, int? TurnsAtOnce, long? StoredBytes)
    : Quota(RequestsPerMinute, TokensPerMinute, TurnsAtOnce);

/// <summary>Which tenants have quotas, as it is known now.</summary>
internal interface IQuotaTable
{
    /// <summary>Null where the tenant has none. Asks nobody, and costs a look-up.</summary>
    TenantQuota? QuotaOf(TenantId tenant);
}
