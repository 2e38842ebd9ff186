using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Whose quota it is: a tenant's, or that of a destination which several nodes send to.</summary>
public readonly record struct QuotaOwner
{
    private const string Destination = "destination:", Tenant = "tenant:";

    private QuotaOwner(string value) => Value = value;

    /// <summary>As it stands in the database; no tenant's is a destination's.</summary>
    public string Value { get; }

    /// <summary>By the tenant's own name, as nearly all are.</summary>
    public static QuotaOwner Of(TenantId tenant) =>
        new(tenant.Value.StartsWith(Destination, StringComparison.Ordinal) || tenant.Value.StartsWith(Tenant, StringComparison.Ordinal)
            ? Tenant + tenant.Value : tenant.Value);

    /// <summary>The same place under the same name is the same one at all nodes.</summary>
    public static QuotaOwner OfDestination(string name, Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new($"{Destination}{name} {address.AbsoluteUri}");
    }

    public override string ToString() => Value;
}
