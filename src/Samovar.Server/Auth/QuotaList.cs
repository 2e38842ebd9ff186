#pragma warning disable RS0030 // the operator's own file, as in KeyTable
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Quotas;

namespace Samovar.Server.Auth;

/// <summary>What the key file says that tenants may use.</summary>
/// <param name="named">By the tenant's name.</param>
/// <param name="others">Of those without an entry; null: no quota.</param>
internal sealed class QuotaList(IReadOnlyDictionary<string, TenantQuota> named, TenantQuota? others)
{
    private const string Others = "*";
    private const long Most = 1L << 50;

    public TenantQuota? Of(TenantId tenant) => named.GetValueOrDefault(tenant.Value) ?? others;

    /// <summary>
    /// Reads <c>"quotas":{"name":{"requests_per_minute":n,"tokens_per_minute":n,"turns_at_once":n,"stored_bytes":n},"*":{…}}</c> of the
    /// file.
    /// </summary>
    /// <exception cref="FormatException">It does not have this shape; the message says where.</exception>
    public static QuotaList Read(JsonElement file, JsonElement tenants)
    {
        var named = new Dictionary<string, TenantQuota>(StringComparer.Ordinal);
        if (!file.TryGetProperty("quotas"u8, out var quotas)) return new QuotaList(named, others: null);
        if (quotas.ValueKind != JsonValueKind.Object)
            throw new FormatException("quotas must be an object that maps tenants' names to what they may use");
        foreach (var quota in quotas.EnumerateObject())
        {
            if (quota.Name != Others && !tenants.TryGetProperty(quota.Name, out _))
                throw new FormatException($"quotas names '{quota.Name}', which is not a tenant");
            if (!named.TryAdd(quota.Name, Read(quota))) throw new FormatException($"quotas names '{quota.Name}' twice");
        }
        named.Remove(Others, out var others);
        return new QuotaList(named, others);
    }

    private static TenantQuota Read(JsonProperty of)
    {
        if (of.Value.ValueKind != JsonValueKind.Object) throw new FormatException($"quotas.{of.Name} must be an object");
        var quota = new TenantQuota(null, null, null, null);
        foreach (var one in of.Value.EnumerateObject())
            quota = one.Name switch
            {
                "requests_per_minute" => quota with { RequestsPerMinute = Number(of.Name, one, least: 1, Most) },
                "tokens_per_minute" => quota with { TokensPerMinute = Number(of.Name, one, least: 1, Most) },
                "turns_at_once" => quota with { TurnsAtOnce = (int)Number(of.Name, one, least: 1, int.MaxValue / 2) },
                "stored_bytes" => quota with { StoredBytes = Number(of.Name, one, least: 0, long.MaxValue) },
                _ => throw new FormatException($"quotas.{of.Name} has '{one.Name}'; there are requests_per_minute, tokens_per_minute, " +
                    "turns_at_once and stored_bytes"),
            };
        return quota;
    }

    private static long Number(string tenant, JsonProperty of, long least, long most) =>
        of.Value.ValueKind == JsonValueKind.Number && of.Value.TryGetInt64(out var number) && number >= least && number <= most
            ? number : throw new FormatException($"quotas.{tenant}.{of.Name} must be a whole number from {least} to {most}");
}
