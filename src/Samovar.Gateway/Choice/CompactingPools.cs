using System.Collections.Concurrent;
using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>Which pools compact conversations themselves: as configured, but for a time after one of their destinations did not.</summary>
/// <remarks>For a time: what it said may have been of one request, and must not decide for all others.</remarks>
internal sealed class CompactingPools(TimeSpan retryAfter, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _didNot = new(StringComparer.Ordinal); // no more than there are pools

    public bool Compacts(Pool pool, string model)
    {
        if (pool.Compaction == CompactionPolicy.Samovar || IsLeft(pool)) return false;
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

    public void NoteDidNot(Pool pool) => _didNot[pool.Name] = time.GetTimestamp();

    private bool IsLeft(Pool pool) => _didNot.TryGetValue(pool.Name, out var since) && time.GetElapsedTime(since) < retryAfter;
}
