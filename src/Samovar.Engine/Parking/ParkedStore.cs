using Samovar.Engine.Native;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Parking;

/// <summary>Parked state within its budget of bytes. Rows go from the leaves on, a checkpoint goes alone and before its rows; which piece
/// is next, an <see cref="IParkedOrder"/> says.</summary>
/// <remarks>
/// A choice takes O(log n) among n pieces. A piece is ranked again when something happens to it, at the time until which its rank holds,
/// and once more before it goes: so one that has become worth more since stays.
/// </remarks>
/// <param name="tree">The segments' tree.</param>
/// <param name="order">Which piece goes next.</param>
/// <param name="hasCheckpoints">Whether rows are of use only behind a checkpoint.</param>
internal sealed class ParkedStore(
    SegmentTree tree, EngineMeters meters, IParkedOrder order, bool hasCheckpoints, long bytesMax, TimeProvider time)
{
    /// <summary>A shorter part of a segment is not kept by itself.</summary>
    public const int PartTokensMin = 64;

    private readonly ParkedPieces _pieces = new(order, hasCheckpoints);
    private readonly ParkedQueue _queue = new();
    private Segment? _keep;
    private bool _isReserving;
    private int _version;

    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    /// <summary>What could be given up now. For tests.</summary>
    public IReadOnlyCollection<ParkedItem> Candidates => _queue.Items;

    /// <summary>A segment whose state must stay while a stream is being made from it.</summary>
    public Segment? Kept { get; set; }

    /// <summary>A segment whose checkpoint must stay while its rows are being kept.</summary>
    public Segment? Completed { get; set; }

    /// <summary>Gets what goes to make room; null: it is lost.</summary>
    public IDemotion? Demotion { get; set; }

    /// <summary>Segments that others' state does not stand behind: the ends of rows, and checkpoints.</summary>
    public IEnumerable<Segment> Ends => _queue.Items.Select(item => item.Segment).Distinct();

    /// <summary>Makes room; false, and nothing is given up, when even a store of only what must stay has too little.</summary>
    /// <param name="keep">Another segment whose state must stay.</param>
    /// <param name="rank">What is worth as much or more stays, too.</param>
    public bool Reserve(long bytes, Segment? keep, ParkedRank? rank = null)
    {
        if (Bytes + bytes <= bytesMax) return true;
        if (bytes > bytesMax - ParkedPieces.Staying(keep, Kept, Completed)) return false;
        Begin(keep);
        try
        {
            if (rank is { } least && !HasBelow(Bytes + bytes - bytesMax, least)) return false;
            while (Bytes + bytes > bytesMax)
            {
                if (NextToGo(rank ?? ParkedRank.Highest) is not var (victim, isCheckpoint)) return false;
                GiveUp(victim, isCheckpoint);
            }
            return true;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Makes as much room as what is worth no more takes, for rows of which a part is of use, too.</summary>
    /// <returns>How much there is, up to what is wanted.</returns>
    /// <param name="keep">Another segment whose state must stay.</param>
    /// <param name="rank">What is worth more stays, too.</param>
    public long ReserveUpTo(long bytes, Segment? keep, ParkedRank rank)
    {
        if (Bytes + bytes <= bytesMax) return bytes;
        rank = rank with { Score = Math.BitIncrement(rank.Score) }; // of two that are worth as much the newer one stays
        bytes = Math.Min(bytes, bytesMax - ParkedPieces.Staying(keep, Kept, Completed));
        Begin(keep);
        try
        {
            while (Bytes + bytes > bytesMax && NextToGo(rank) is var (victim, isCheckpoint))
                GiveUp(isCheckpoint ? victim : EndOf(victim, Bytes + bytes - bytesMax), isCheckpoint);
            return Math.Clamp(bytesMax - Bytes, 0, Math.Max(0, bytes));
        }
        finally
        {
            End();
        }
    }

    /// <summary>What rows of a segment would be worth.</summary>
    public ParkedRank RankOfRows(Segment segment, long bytes) => RankAs(segment, _pieces.Of(segment) with { Bytes = bytes });

    /// <summary>Keeps the rows of a segment whose parent's rows are kept already.</summary>
    public void Put(Segment segment, StateRows rows)
    {
        (segment.Rows, segment.Loss) = (rows, null);
        Bytes += rows.Bytes;
        Rank(segment);
        Demotion?.Came(segment);
        if (segment.Parent is not { Rows: not null } parent) return;
        parent.ChildrenWithRows++;
        Rank(parent);
    }

    /// <summary>Keeps a checkpoint at its segment's end; those of its kind in front of it have a newer one now.</summary>
    public void Put(Segment segment, StateCheckpoint checkpoint)
    {
        (segment.Checkpoint, segment.Loss) = (checkpoint, null);
        Bytes += checkpoint.Bytes;
        Rank(segment);
        Demotion?.Came(segment);
        if (checkpoint.Kind is MarkKind.StableStart or MarkKind.Branch) return;
        for (var at = segment.Parent; at is not null; at = at.Parent)
            if (at.Checkpoint is { IsSuperseded: false } earlier && earlier.Kind == checkpoint.Kind)
            {
                earlier.IsSuperseded = true;
                Rank(at);
            }
    }

    /// <summary>What a checkpoint that is to be taken would be worth.</summary>
    public ParkedRank RankOf(Segment segment, MarkKind kind, long bytes, long lastUsed) => RankAs(segment, new ParkedPiece(
        kind, bytes, _pieces.Saved(segment), lastUsed, segment.Pins > 0, IsSuperseded: false, IsUseless: false)
        { End = segment.End, Users = segment.Users }); // its turn runs

    /// <summary>What a checkpoint is worth.</summary>
    public ParkedRank RankOf(Segment segment) => RankAs(segment, _pieces.Of(segment));

    /// <summary>Something is known of a segment that was not before.</summary>
    public void Rank(Segment segment)
    {
        var isHidden = _isReserving && !MayGo(segment);
        Rank(new ParkedItem(segment, IsCheckpoint: true), segment.Checkpoint is not null && !isHidden);
        Rank(new ParkedItem(segment, IsCheckpoint: false),
            segment is { Rows: not null, ChildrenWithRows: 0, Checkpoint: null } && !isHidden);
    }

    /// <summary>Whether a segment has a piece that can go as things are: of others nobody asks what they are worth.</summary>
    public static bool CouldGo(Segment segment) => segment.Checkpoint is not null || segment is { Rows: not null, ChildrenWithRows: 0 };

    /// <summary>A turn goes on from a place. A turn's end is hardly gone on from twice: what comes next has ends of its own.</summary>
    public void NoteUse(Segment? place, long now)
    {
        order.NoteUse(place?.Checkpoint?.Kind ?? MarkKind.TurnEnd);
        if (place?.Checkpoint is not { } kept) return;
        kept.LastUsed = now;
        if (kept.Kind == MarkKind.TurnEnd) kept.IsSuperseded = true;
        Rank(place);
    }

    /// <summary>Gives a segment's state up.</summary>
    public void Evict(Segment segment)
    {
        meters.Evictions++;
        if (segment.Checkpoint is not null) DropCheckpoint(segment);
        if (segment is { Rows: not null, ChildrenWithRows: 0 }) DropRows(segment);
        tree.Prune(segment);
    }

    /// <summary>Gives up what of a path only those who do not come back needed.</summary>
    /// <param name="end">Where their turn ended.</param>
    /// <param name="note">How it did; places that they had left before have an earlier one.</param>
    public void EvictFinal(Segment end, TurnNote note)
    {
        for (Segment? at = end, parent; at is { Users: 0, Parent: not null, Note: { } own } && own.At <= note.At; at = parent)
        {
            parent = at.Parent;
            if (at is { IsParked: true, ChildrenWithRows: 0, Keeps: 0, Checkpoint: not { Kind: MarkKind.StableStart or MarkKind.Branch } }
                && MayGo(at)) Evict(at);
        }
    }

    /// <summary>Gives up the checkpoints of a path that have lost their rows: a stream had them that holds something else now.</summary>
    public void DropLost(Segment? path)
    {
        if (!hasCheckpoints) return;
        for (var at = path; at is not null; at = at.Parent)
        {
            if (at is not { Streams: 0, Rows: null, Checkpoint.Part: StatePart.AtEnd }) continue;
            meters.Evictions++;
            at.Loss = new StateLoss(time.GetUtcNow(), LossPlace.Cells);
            DropCheckpoint(at);
            tree.Prune(at);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        while (_queue.TryPeek(out var item, out _)) Evict(item.Segment);
    }

    private void GiveUp(Segment victim, bool isCheckpoint)
    {
        Demotion?.Goes(victim, isCheckpoint);
        victim.Loss = new StateLoss(time.GetUtcNow(), LossPlace.HostMemory);
        if (isCheckpoint) DropCheckpoint(victim);
        else DropRows(victim);
        meters.Evictions++;
        tree.Prune(victim);
    }

    /// <summary>As much of a segment's end as takes so much; all of it where what stays would be too short.</summary>
    private Segment EndOf(Segment victim, long bytes)
    {
        if (victim.Rows is not { Tokens: > 0 } rows) return victim;
        var perToken = rows.Bytes / rows.Tokens;
        var gone = (bytes + perToken - 1) / perToken;
        if (perToken > 0 && rows.Tokens - gone >= PartTokensMin) tree.At(victim, victim.End - (int)gone); // the victim keeps its end
        return victim;
    }

    private void DropRows(Segment segment)
    {
        Bytes -= segment.Rows!.Bytes;
        segment.Rows.Free();
        segment.Rows = null;
        Rank(segment);
        if (segment.Parent is not { Rows: not null } parent || --parent.ChildrenWithRows > 0) return;
        parent.LastUsed = Math.Max(parent.LastUsed, segment.LastUsed);
        Rank(parent);
    }

    private void DropCheckpoint(Segment segment)
    {
        Bytes -= segment.Checkpoint!.Bytes;
        segment.Checkpoint.Free();
        segment.Checkpoint = null;
        Rank(segment);
    }

    private void Rank(ParkedItem item, bool mayGo)
    {
        if (!mayGo)
        {
            _queue.Remove(item);
            return;
        }
        var piece = _pieces.Of(item.Segment);
        _queue.Set(item, RankAs(item.Segment, piece), item.Segment.Keeps > 0 ? TimeSpan.MaxValue : order.RankedUntil(piece));
    }

    private ParkedRank RankAs(Segment segment, ParkedPiece piece) => segment.Keeps > 0 ? ParkedRank.Kept : order.RankOf(piece);

    private bool MayGo(Segment segment) => !ReferenceEquals(segment, _keep) && !ReferenceEquals(segment, Kept)
        && !ReferenceEquals(segment, Completed);

    private void Begin(Segment? keep)
    {
        (_keep, _isReserving) = (keep, true);
        order.Look();
        RankStaying();
        if (_version != order.Version)
            foreach (var item in _queue.Items.ToArray()) Rank(item.Segment);
        _version = order.Version;
        while (_queue.TryTakeStale(order.Now, out var stale)) Rank(stale.Segment);
    }

    private void End()
    {
        _isReserving = false;
        RankStaying();
        _keep = null;
    }

    private void RankStaying()
    {
        foreach (var staying in (Segment?[])[_keep, Kept, Completed])
            if (staying is not null) Rank(staying);
    }

    /// <summary>Whether what is worth less takes that much; it is looked at no further than that.</summary>
    private bool HasBelow(long bytes, ParkedRank rank)
    {
        var seen = new List<Segment>();
        while (bytes > 0 && NextToGo(rank) is var (segment, isCheckpoint))
        {
            bytes -= isCheckpoint ? segment.Checkpoint!.Bytes : 0;
            if (segment is { Rows: { } rows, ChildrenWithRows: 0 }) bytes -= rows.Bytes;
            seen.Add(segment);
            _queue.Remove(new ParkedItem(segment, isCheckpoint));
        }
        foreach (var segment in seen) Rank(segment);
        return bytes <= 0;
    }

    private (Segment Segment, bool IsCheckpoint)? NextToGo(ParkedRank least)
    {
        while (_queue.TryPeek(out var item, out var known))
        {
            var rank = RankOf(item.Segment);
            if (rank != known) Rank(item.Segment);
            else return rank.CompareTo(least) < 0 ? (item.Segment, item.IsCheckpoint) : null;
        }
        return null;
    }
}
