using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>
/// Memory for state that waits: blocks of segments whose fronts are held, within a budget. What runs is in streams and needs none.
/// </summary>
internal sealed class WarmMemory(IVictimOrder order, long blocksMax)
{
    private readonly RetentionQueue<PlayedSegment> _leaves = new(); // only the end of what is held can be given up

    public long Blocks { get; private set; }

    /// <summary>A turn begins: what is held of a segment is its stream's now. Gives the blocks that were there.</summary>
    public int Take(SessionPlay session, int segment)
    {
        if (session.Running[segment]++ > 0) return session.Shape.Segments[segment].Blocks;
        var kept = session.Kept[segment];
        if (kept == 0) return 0;
        Lose(session, segment, kept);
        _leaves.Remove(new PlayedSegment(session, segment));
        return kept;
    }

    /// <summary>A turn ends: the whole of a segment is there, and waits unless another turn runs on it.</summary>
    public void Give(SessionPlay session, int segment)
    {
        if (--session.Running[segment] > 0) return;
        session.Kept[segment] = session.Shape.Segments[segment].Blocks;
        Blocks += session.Kept[segment];
        if (session.Shape.Segments[segment].Parent is >= 0 and var parent) session.KeptChildren[parent]++;
    }

    /// <summary>Something is known of a segment that was not before.</summary>
    public void Revalue(SessionPlay session, int segment, double now)
    {
        if (session.Kept[segment] == 0 || session.KeptChildren[segment] > 0 || session.Running[segment] > 0) return;
        var leaf = new PlayedSegment(session, segment);
        var until = order.WorthUntil(leaf, now);
        _leaves.Set(leaf, order.Worth(leaf, now), double.IsInfinity(until) ? TimeSpan.MaxValue : TimeSpan.FromSeconds(until));
    }

    /// <summary>Gives up what is worth least until all is within the budget, and what is worth nothing anyway.</summary>
    public void Trim(double now)
    {
        while (_leaves.TryTakeStale(TimeSpan.FromSeconds(now), out var stale)) Revalue(stale.Session, stale.Segment, now);
        while (_leaves.TryPeek(out var leaf, out var worth) && (Blocks > blocksMax || double.IsNegativeInfinity(worth)))
        {
            var (session, segment) = leaf;
            var kept = session.Kept[segment];
            var gone = (int)(double.IsNegativeInfinity(worth) ? kept : Math.Min(kept, Blocks - blocksMax));
            _leaves.Remove(leaf);
            Lose(session, segment, gone);
            if (gone < kept) Revalue(session, segment, now);
            else if (session.Shape.Segments[segment].Parent is >= 0 and var parent) Revalue(session, parent, now);
        }
    }

    private void Lose(SessionPlay session, int segment, int blocks)
    {
        Blocks -= blocks;
        session.Kept[segment] -= blocks;
        if (session.Kept[segment] == 0 && session.Shape.Segments[segment].Parent is >= 0 and var parent) session.KeptChildren[parent]--;
    }
}
