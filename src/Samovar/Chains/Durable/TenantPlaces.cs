using Samovar.Protocol.Ids;

namespace Samovar.Chains.Durable;

/// <summary>Lets each tenant do so many things at once; its others wait, and nobody else's.</summary>
internal sealed class TenantPlaces(int atOnceMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Places> _tenants = [];

    /// <summary>Takes a place, which is given back by disposing it.</summary>
    public async ValueTask<IDisposable> EnterAsync(TenantId tenant, CancellationToken takerGone)
    {
        var places = Join(tenant);
        try
        {
            await places.Free.WaitAsync(takerGone);
            return new Place(this, tenant, places);
        }
        catch
        {
            Leave(tenant, places);
            throw;
        }
    }

    private Places Join(TenantId tenant)
    {
        lock (_gate)
        {
            if (!_tenants.TryGetValue(tenant, out var places)) _tenants[tenant] = places = new Places(new SemaphoreSlim(atOnceMax));
            places.Users++;
            return places;
        }
    }

    private void Leave(TenantId tenant, Places places)
    {
        lock (_gate)
        {
            if (--places.Users > 0) return;
            _tenants.Remove(tenant);
        }
        places.Free.Dispose();
    }

    private sealed class Places(SemaphoreSlim free)
    {
        public SemaphoreSlim Free { get; } = free;

        /// <summary>Who has a place or waits for one.</summary>
        public int Users { get; set; }
    }

    private sealed class Place(TenantPlaces all, TenantId tenant, Places places) : IDisposable
    {
        public void Dispose()
        {
            places.Free.Release();
            all.Leave(tenant, places);
        }
    }
}
