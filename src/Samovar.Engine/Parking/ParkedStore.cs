using Samovar.Engine.Native;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Parking;

/// <summary>Parked state within its budget of bytes. Rows go from the leaves on, a checkpoint goes alone and before its rows; which piece
/// is next, an <see cref="IParkedOrder"/> says.</summary>
/// <param name="tree">The segments' tree.</param>
/// <param name="order">Which piece goes next.</param>
/// <param name="hasCheckpoints">Whether rows are of use only behind a checkpoint.</param>
internal sealed class ParkedStore(SegmentTree tree, EngineMeters meters, IParkedOrder order, bool hasCheckpoints, long bytesMax)
{
    private readonly HashSet<Segment> _leaves = [];      // rows without rows behind them
    private readonly HashSet<Segment> _checkpoints = [];

    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>A segment whose state must stay while a stream is being made from it.</summary>
    public Segment? Kept { get; set; }

    /// <summary>A segment whose checkpoint must stay while its rows are being kept.</summary>
    public Segment? Completed { get; set; }

    /// <summary>Gets what goes to make room; null: it is lost.</summary>
    public IDemotion? Demotion { get; set; }

    /// <summary>Segments that others' state does not stand behind: the ends of rows, and checkpoints.</summary>
    public IEnumerable<Segment> Ends => _leaves.Concat(_checkpoints.Where(segment => !_leaves.Contains(segment)));

    /// <summary>Makes room; false, and nothing is given up, when even a store of only what must stay has too little.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="keep">Another segment whose state must stay.</param>
    /// <param name="rank">What is worth as much or more stays, too.</param>
    public bool Reserve(long bytes, Segment? keep, ParkedRank? rank = null)
    {
        if (bytes > bytesMax - Staying(keep)) return false;
        if (rank is { } least && Bytes + bytes - Below(least, keep) > bytesMax) return false;
        while (Bytes + bytes > bytesMax)
        {
            if (NextToGo(keep, rank ?? ParkedRank.Highest) is not var (victim, isCheckpoint)) return false;
            Demotion?.Goes(victim, isCheckpoint);
            if (isCheckpoint) DropCheckpoint(victim);
            else DropRows(victim);
            meters.Evictions++;
            tree.Prune(victim);
        }
        return true;
    }

    /// <summary>Keeps the rows of a segment whose parent's rows are kept already.</summary>
    public void Put(Segment segment, StateRows rows)
    {
        segment.Rows = rows;
        Bytes += rows.Bytes;
        if (segment.ChildrenWithRows == 0) _leaves.Add(segment);
        if (segment.Parent is not { Rows: not null } parent) return;
        parent.ChildrenWithRows++;
        _leaves.Remove(parent);
    }

    /// <summary>Keeps a checkpoint at its segment's end; those of its kind in front of it have a newer one now.</summary>
    public void Put(Segment segment, StateCheckpoint checkpoint)
    {
        segment.Checkpoint = checkpoint;
        Bytes += checkpoint.Bytes;
        _checkpoints.Add(segment);
        if (checkpoint.Kind is MarkKind.StableStart or MarkKind.Branch) return;
        for (var at = segment.Parent; at is not null; at = at.Parent)
            if (at.Checkpoint is { } earlier && earlier.Kind == checkpoint.Kind) earlier.IsSuperseded = true;
    }

    /// <summary>What a checkpoint that is to be taken would be worth.</summary>
    public ParkedRank RankOf(Segment segment, MarkKind kind, long bytes, long lastUsed) => order.RankOf(new ParkedPiece(
        kind, bytes, Saved(segment), lastUsed, segment.Pins > 0, IsSuperseded: false, IsUseless: false));

    /// <summary>What a checkpoint is worth.</summary>
    public ParkedRank RankOf(Segment segment) => segment.Checkpoint is { } kept
        ? order.RankOf(new ParkedPiece(
            kept.Kind, kept.Bytes, Saved(segment), kept.LastUsed, segment.Pins > 0, kept.IsSuperseded, IsUseless: false))
        : order.RankOf(new ParkedPiece(
            null, segment.Rows?.Bytes ?? 0, segment.Tokens.Length, segment.LastUsed, segment.Pins > 0, IsSuperseded: false,
            IsUseless: hasCheckpoints));

    /// <summary>A turn goes on from a place. A turn's end is hardly gone on from twice: what comes next has ends of its own.</summary>
    public void NoteUse(StateCheckpoint? kept, long now)
    {
        order.NoteUse(kept?.Kind ?? MarkKind.TurnEnd);
        if (kept is null) return;
        kept.LastUsed = now;
        if (kept.Kind == MarkKind.TurnEnd) kept.IsSuperseded = true;
    }

    /// <summary>Gives a segment's state up.</summary>
    public void Evict(Segment segment)
    {
        meters.Evictions++;
        if (segment.Checkpoint is not null) DropCheckpoint(segment);
        if (segment is { Rows: not null, ChildrenWithRows: 0 }) DropRows(segment);
        tree.Prune(segment);
    }

    /// <summary>Gives up the checkpoints of a path that have lost their rows: a stream had them that holds something else now.</summary>
    public void DropLost(Segment? path)
    {
        if (!hasCheckpoints) return;
        for (var at = path; at is not null; at = at.Parent)
        {
            if (at is not { Streams: 0, Rows: null, Checkpoint.Part: StatePart.AtEnd }) continue;
            meters.Evictions++;
            DropCheckpoint(at);
            tree.Prune(at);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        while (_checkpoints.Count > 0) Evict(_checkpoints.First());
        while (_leaves.Count > 0) Evict(_leaves.First());
    }

    private void DropRows(Segment segment)
    {
        _leaves.Remove(segment);
        Bytes -= segment.Rows!.Bytes;
        segment.Rows.Free();
        segment.Rows = null;
        if (segment.Parent is not { Rows: not null } parent || --parent.ChildrenWithRows > 0) return;
        parent.LastUsed = Math.Max(parent.LastUsed, segment.LastUsed);
        _leaves.Add(parent);
    }

    private void DropCheckpoint(Segment segment)
    {
        _checkpoints.Remove(segment);
        Bytes -= segment.Checkpoint!.Bytes;
        segment.Checkpoint.Free();
        segment.Checkpoint = null;
    }

    /// <summary>Tokens that are computed again where a checkpoint is missing: back to the one in front of it.</summary>
    private static int Saved(Segment segment)
    {
        var before = segment.Parent;
        while (before is { Checkpoint: null, Parent: not null }) before = before.Parent;
        return segment.End - (before?.End ?? 0);
    }

    // Rows stay with all rows in front of them; a checkpoint that is all of the state stays alone.
    private long Staying(Segment? keep)
    {
        var paths = new HashSet<Segment>();
        var ends = new HashSet<Segment>();
        foreach (var end in (Segment?[])[keep, Kept, Completed])
        {
            if (end is not null) ends.Add(end);
            for (var at = end; at is not null && (at.Rows is not null || ReferenceEquals(at, end)); at = at.Parent) paths.Add(at);
        }
        return paths.Sum(segment => segment.Rows?.Bytes ?? 0) + ends.Sum(segment => segment.Checkpoint?.Bytes ?? 0);
    }

    private long Below(ParkedRank rank, Segment? keep)
    {
        var sum = 0L;
        foreach (var leaf in _leaves)
            if (MayGo(leaf, keep) && leaf.Checkpoint is null && RankOf(leaf).CompareTo(rank) < 0) sum += leaf.Rows!.Bytes;
        foreach (var segment in _checkpoints)
            if (MayGo(segment, keep) && RankOf(segment).CompareTo(rank) < 0)
                sum += segment.Checkpoint!.Bytes + (_leaves.Contains(segment) ? segment.Rows!.Bytes : 0);
        return sum;
    }

    private bool MayGo(Segment segment, Segment? keep) => !ReferenceEquals(segment, keep) && !ReferenceEquals(segment, Kept)
        && !ReferenceEquals(segment, Completed);

    private (Segment Segment, bool IsCheckpoint)? NextToGo(Segment? keep, ParkedRank least)
    {
        (Segment, bool)? next = null;
        foreach (var leaf in _leaves)
            if (MayGo(leaf, keep) && leaf.Checkpoint is null && RankOf(leaf) is var rank && rank.CompareTo(least) < 0)
                (next, least) = ((leaf, false), rank);
        foreach (var segment in _checkpoints)
            if (MayGo(segment, keep) && RankOf(segment) is var rank && rank.CompareTo(least) < 0) (next, least) = ((segment, true), rank);
        return next;
    }
}
