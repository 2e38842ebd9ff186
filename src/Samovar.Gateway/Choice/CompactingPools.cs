using System.Collections.Concurrent;
using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>Which pools compact conversations themselves: as configured, until one of their destinations says that it cannot.</summary>
internal sealed class CompactingPools
{
    private readonly ConcurrentDictionary<string, bool> _cannot = new(StringComparer.Ordinal); // no more than there are pools

    public bool Compacts(Pool pool, string model)
    {
        if (pool.Compaction == CompactionPolicy.Samovar || _cannot.ContainsKey(pool.Name)) return false;
        var isAny = false;
        foreach (var destination in pool.Destinations)
        {
            if (destination.ModelFor(model) is null) continue;
            isAny = true;
            if (!SealedItems.MayOpen(destination)) return false;
            if (pool.Compaction == CompactionPolicy.Auto && !destination.Dialect.IsProvider) return false;
        }
        return isAny;
    }

    public void NoteCannot(Pool pool) => _cannot[pool.Name] = true;
}
