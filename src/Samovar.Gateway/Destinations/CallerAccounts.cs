using Samovar.Backends;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>
/// What one destination has said of the accounts behind keys that clients sent (<c>PassesKeys</c>): a spent account and its limits are the
/// affair of its own tenant alone. Safe for all threads.
/// </summary>
/// <remarks>Of <c>CallerKeysMax</c> tenants at most: who is forgotten too early asks the destination and hears it again.</remarks>
internal sealed class CallerAccounts(string destination, UpstreamOptions options, TimeProvider time, DestinationLog? log)
{
    private readonly Lock _lock = new();
    private readonly RecentTenants<DateTimeOffset> _coolUntil = new(options.CallerKeysMax);
    private readonly RecentTenants<StatedAt> _stated = new(options.CallerKeysMax);
    private volatile bool _anyCooled; // each turn asks, and most destinations never refuse anybody

    /// <summary>Why no turn of the tenant may begin there now; null where one may.</summary>
    public Refusal? RefusalOf(TenantId tenant)
    {
        if (!_anyCooled) return null;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return _coolUntil.TryGet(tenant, out var until) && now < until
                ? new Refusal(RefusalReason.Cooldown, until - now, IsOfFlow: true) : null;
        }
    }

    /// <summary>The destination said 429 to the tenant's key.</summary>
    /// <param name="asked">For how long; null: it did not say.</param>
    public void Cool(TenantId tenant, TimeSpan? asked)
    {
        var remaining = options.CooldownFor(asked);
        bool isNew;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var before = _coolUntil.TryGet(tenant, out var until) ? until : default;
            isNew = now >= before;
            _coolUntil.Set(tenant, now + remaining > before ? now + remaining : before);
            _anyCooled = true;
        }
        if (isNew) log?.PausesFor(destination, tenant, remaining);
    }

    /// <summary>The limits that the destination stated with its newest answer to the tenant's key; null keeps what is known.</summary>
    public void Stated(TenantId tenant, RateLimits? limits)
    {
        if (limits is null) return;
        lock (_lock) _stated.Set(tenant, new StatedAt(limits, time.GetUtcNow()));
    }

    /// <summary>What is known of the limits of the tenant's account; null where nothing was stated.</summary>
    public RateLimits? StatedTo(TenantId tenant)
    {
        lock (_lock) return _stated.TryGet(tenant, out var stated) ? stated.Now(time.GetUtcNow()) : null;
    }
}
