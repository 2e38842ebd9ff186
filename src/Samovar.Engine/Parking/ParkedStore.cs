using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Parking;

/// <summary>Parked state within its budget of bytes. When room is needed, leaves go first: unpinned ones, then the least recently
/// used.</summary>
internal sealed class ParkedStore(SegmentTree tree, EngineMeters meters, long bytesMax, TimeProvider time)
{
    private readonly HashSet<Segment> _leaves = [];

    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>A segment whose rows must stay while a stream is being made from them.</summary>
    public Segment? Kept { get; set; }

    /// <summary>Makes room; false, and nothing is given up, when even a store of only what must stay has too little.</summary>
    public bool Reserve(long bytes, Segment? keep)
    {
        if (bytes > bytesMax - Staying(keep)) return false;
        while (Bytes + bytes > bytesMax)
        {
            if (NextToGo(keep) is not { } victim) return false;
            victim.Loss = new StateLoss(time.GetUtcNow(), LossPlace.HostMemory);
            Evict(victim);
        }
        return true;
    }

    /// <summary>Keeps the rows of a segment whose parent's rows are kept already.</summary>
    public void Put(Segment segment, StateRows rows)
    {
        (segment.Rows, segment.Loss) = (rows, null);
        Bytes += rows.Bytes;
        _leaves.Add(segment);
        if (segment.Parent is not { Rows: not null } parent) return;
        parent.ChildrenWithRows++;
        _leaves.Remove(parent);
    }

    /// <summary>Keeps a whole state at its path's end.</summary>
    public void Put(Segment segment, WholeState state)
    {
        (segment.Whole, segment.Loss) = (state, null);
        Bytes += state.Bytes;
        _leaves.Add(segment);
    }

    public void Evict(Segment segment)
    {
        _leaves.Remove(segment);
        if (segment.Rows is { } rows)
        {
            Bytes -= rows.Bytes;
            rows.Free();
            segment.Rows = null;
            if (segment.Parent is { Rows: not null } parent && --parent.ChildrenWithRows == 0)
            {
                parent.LastUsed = Math.Max(parent.LastUsed, segment.LastUsed);
                _leaves.Add(parent);
            }
        }
        if (segment.Whole is { } whole)
        {
            Bytes -= whole.Bytes;
            whole.Free();
            segment.Whole = null;
        }
        meters.Evictions++;
        tree.Prune(segment);
    }

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        while (_leaves.Count > 0) Evict(_leaves.First());
    }

    // Rows stay with all rows in front of them; a whole state stays alone.
    private long Staying(Segment? keep)
    {
        var paths = new HashSet<Segment>();
        foreach (var end in (Segment?[])[keep, Kept])
            for (var at = end; at is not null && (at.Rows is not null || ReferenceEquals(at, end)); at = at.Parent) paths.Add(at);
        return paths.Sum(segment => segment.Rows?.Bytes ?? 0)
            + (keep?.Whole?.Bytes ?? 0) + (ReferenceEquals(keep, Kept) ? 0 : Kept?.Whole?.Bytes ?? 0);
    }

    private Segment? NextToGo(Segment? keep)
    {
        Segment? next = null;
        foreach (var leaf in _leaves)
        {
            if (ReferenceEquals(leaf, keep) || ReferenceEquals(leaf, Kept)) continue;
            if (next is null || (leaf.Pins == 0, -leaf.LastUsed).CompareTo((next.Pins == 0, -next.LastUsed)) > 0) next = leaf;
        }
        return next;
    }
}
