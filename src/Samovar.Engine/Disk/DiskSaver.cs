using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>Writes what waits in streams and in host memory while the engine has nothing to do, and at its end: then a process that is
/// killed loses little, and one that ends loses nothing.</summary>
internal sealed class DiskSaver(
    StreamTable streams, ParkedStore store, DiskTier tier, DiskWriter writer, DiskTimes times, TimeSpan delay)
{
    private readonly Dictionary<int, (Segment Leaf, long Since, bool IsTried)> _seen = [];
    private readonly HashSet<Segment> _tried = new(ReferenceEqualityComparer.Instance);

    /// <summary>Writes one piece that waits for it; false where there is nothing to do now. The engine's thread, while no turn
    /// runs.</summary>
    public bool Idle()
    {
        if (!writer.HasRoom(1)) return Later(times.WaitMax);
        var next = TimeSpan.MaxValue;
        foreach (var slot in streams.Slots)
        {
            if (!slot.IsIdle || slot.Leaf is not { } leaf || tier.IsSaved(slot)) continue;
            if (!_seen.TryGetValue(slot.Index, out var seen) || !ReferenceEquals(seen.Leaf, leaf))
                _seen[slot.Index] = seen = (leaf, times.Now, false);
            if (seen.IsTried) continue;
            if (delay - times.Since(seen.Since) is { Ticks: > 0 } left)
            {
                next = left < next ? left : next;
                continue;
            }
            _seen[slot.Index] = seen with { IsTried = true };
            tier.Save(slot);
            return true;
        }
        if (next != TimeSpan.MaxValue) return Later(next);
        return SaveParked();
    }

    /// <summary>Writes all that is only in memory, what was used last first, for so long at most. After the engine's thread.</summary>
    public void Drain(TimeSpan most)
    {
        var began = times.Now;
        foreach (var slot in streams.Slots.OrderByDescending(slot => slot.LastUsed))
            if (slot.IsIdle && HasRoom()) tier.Save(slot);
        foreach (var segment in store.Ends.OrderByDescending(segment => segment.LastUsed))
            if (HasRoom()) tier.Save(segment);

        bool HasRoom() => writer.WaitForRoom(1, most - times.Since(began));
    }

    private bool SaveParked()
    {
        foreach (var segment in store.Ends)
        {
            if (DiskTier.IsSaved(segment) || !_tried.Add(segment)) continue;
            tier.Save(segment);
            return true;
        }
        _tried.RemoveWhere(segment => segment.IsDetached || DiskTier.IsSaved(segment));
        return false;
    }

    private bool Later(TimeSpan due)
    {
        times.WakeIn(due);
        return false;
    }
}
