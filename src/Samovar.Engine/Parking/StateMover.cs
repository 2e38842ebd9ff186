using System.Runtime.InteropServices;
using Samovar.Engine.Native;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Parking;

/// <summary>Moves state between streams and host memory. What it says to have set is what it saw in the stream afterwards.</summary>
internal sealed unsafe class StateMover(
    LlamaContext context, StateTraits traits, ParkedStore store, SegmentTree tree, EngineMeters meters, TimeProvider time) : IDisposable
{
    private readonly StateLayout? _layout = traits.Layout;
    private readonly ScratchMemory _saved = new();
    private readonly ScratchMemory _spliced = new();

    /// <summary>What reading a stream takes.</summary>
    public ReadMeter Reads { get; } = new();

    /// <summary>Saves what an idle stream holds and host memory does not, as far as it is worth more than what is there; false when not
    /// all of it is: then it may go to files.</summary>
    /// <param name="slot">An idle stream.</param>
    /// <param name="discard">Whether the stream is emptied next: then only what is missing is read from it.</param>
    public bool Park(StreamSlot slot, bool discard)
    {
        if (TryPark(slot, discard)) return true;
        store.Demotion?.Leaves(slot);
        return false;
    }

    private bool TryPark(StreamSlot slot, bool discard)
    {
        if (slot.Leaf is not { } leaf || slot.Length == 0) return true;
        if (traits.Checkpoints != CheckpointPart.None) return ParkBehindCheckpoint(slot, leaf);
        var saved = leaf.LastWithRows();
        if (ReferenceEquals(saved, leaf)) return true;
        if (RoomFor(leaf, saved) is not { } end) return Lost();
        var position = discard && (ReferenceEquals(end, leaf) || store.Demotion is null) ? saved.End : 0; // files get all of it
        context.DropFront(slot.Index, position);
        if (Read(slot, position, slot.Length - position) is not { } rows) return Lost();
        Keep(end, position, rows);
        _saved.Release();
        meters.Parks++;
        return ReferenceEquals(end, leaf) || Lost();
    }

    /// <summary>The segment up to which there is room for a path's rows; null where that is not far enough to be of use.</summary>
    private Segment? RoomFor(Segment leaf, Segment saved)
    {
        var (wanted, perToken) = (leaf.End - saved.End, (long)_layout!.BytesPerToken);
        for (var at = leaf; !ReferenceEquals(at, saved); at = at.Parent!)
        {
            if (at.Keeps == 0) continue;
            store.ReserveUpTo((at.End - saved.End) * perToken, saved, ParkedRank.BelowKept); // whatever the rest is worth
            break;
        }
        var rank = store.RankOfRows(leaf, leaf.Tokens.Length * perToken);
        var room = (int)(store.ReserveUpTo(wanted * perToken, saved, rank) / perToken);
        return room >= wanted ? leaf : room >= ParkedStore.PartTokensMin ? tree.At(leaf, saved.End + room) : null;
    }

    /// <summary>Keeps what is needed to come back to where a stream is now; false where there is no room that is worth it.</summary>
    /// <param name="slot">A stream whose end is on its path.</param>
    /// <param name="kind">What the place is.</param>
    /// <param name="now">The engine's turn count.</param>
    public bool Checkpoint(StreamSlot slot, MarkKind kind, long now)
    {
        if (traits.Checkpoints == CheckpointPart.None || slot.Leaf is not { } leaf || slot.Length == 0 || slot.Length > leaf.End)
            return false;
        var place = tree.At(leaf, slot.Length);
        if (place.Checkpoint is { } kept)
        {
            if (kept.Kind is not (MarkKind.StableStart or MarkKind.Branch)) kept.Kind = kind;
            (kept.LastUsed, kept.IsSuperseded) = (now, false);
            store.Rank(place);
            return true;
        }
        return Take(slot, place, kind, now);
    }

    /// <summary>
    /// Copies the front of one stream's state into another, and keeps it in host memory for others if there is room.
    /// </summary>
    /// <param name="source">A stream, busy or not.</param>
    /// <param name="target">An empty one.</param>
    /// <param name="path">A segment on the path of both, or behind it.</param>
    /// <param name="depth">How much; where there are checkpoints, up to one.</param>
    public bool Copy(StreamSlot source, StreamSlot target, Segment path, int depth)
    {
        if (_layout is null) return CopyWhole(source, target, depth);
        if (Read(source, 0, source.Length) is not { } rows) return false;
        var boundary = tree.At(path, depth);
        if (traits.Checkpoints != CheckpointPart.None && boundary.Checkpoint is null) return false;
        var saved = boundary.LastWithRows();
        if (!ReferenceEquals(saved, boundary)
            && store.Reserve((long)(depth - saved.End) * _layout.BytesPerToken, saved, RankOf(boundary))) Keep(boundary, 0, rows);
        var done = Set(target, [rows.Part(0, depth)], boundary, depth);
        _saved.Release();
        return done;
    }

    /// <summary>Sets an empty stream to parked state.</summary>
    public bool Restore(StreamSlot slot, Segment parked, int depth)
    {
        meters.Restores++;
        if (parked.Checkpoint is { Part: StatePart.Whole } whole)
            return context.LoadState(slot.Index, whole.Data, whole.Bytes) && context.Length(slot.Index) == parked.End
                && CutTo(slot, parked.End, depth);
        return PartsOf(parked, depth) is { } parts && Set(slot, parts, parked, depth);
    }

    /// <summary>Where host memory has no room for what a stream holds, what is to come into it is taken out first: two states that change
    /// places need no third one's room. Null where there is room, or it cannot be had.</summary>
    public LiftedState? LiftWhereFull(StreamSlot slot, Segment parked, int depth)
    {
        if (slot.Leaf is null || slot.Length == 0 || store.Bytes + context.StateSize(slot.Index) <= store.BytesMax) return null;
        if (parked.Checkpoint is { Part: StatePart.Whole } whole)
        {
            Buffer.MemoryCopy(whole.Data, _spliced.Take(whole.Bytes), whole.Bytes, whole.Bytes);
            return new LiftedState(whole.Bytes, parked.End, depth);
        }
        return PartsOf(parked, depth) is { } parts ? new LiftedState(Splice(slot, parts, parked, depth), depth, depth) : null;
    }

    /// <summary>Sets an empty stream to what was taken out for it.</summary>
    public bool Lower(StreamSlot slot, LiftedState state)
    {
        meters.Restores++;
        var done = context.LoadState(slot.Index, _spliced.Take(state.Bytes), state.Bytes) && context.Length(slot.Index) == state.End
            && CutTo(slot, state.End, state.Depth);
        _spliced.Release();
        return done;
    }

    /// <summary>Takes a stream back to a checkpoint on its path; after false what it holds is not certain.</summary>
    public bool Rewind(StreamSlot slot, Segment place)
    {
        if (place.Checkpoint is not { } kept || place.End > slot.Length) return false;
        meters.Restores++;
        if (!context.LoadState(slot.Index, kept.Data, kept.Bytes, kept.Part)) return false;
        // In this order: what is behind may be cut off only where the end is what it was there.
        return context.Truncate(slot.Index, place.End) && context.Length(slot.Index) == place.End;
    }

    /// <summary>Cuts a stream where it may be cut; after false what it holds is not certain.</summary>
    public bool CutTo(StreamSlot slot, int held, int length) => length == held
        || (traits.CanCut(context, slot.Index, held, length) && context.Truncate(slot.Index, length)
            && context.Length(slot.Index) == length);

    /// <summary>The bytes that a checkpoint of a stream would take now.</summary>
    private long CheckpointBytes(StreamSlot slot) => context.StateSize(slot.Index, Part);

    private StatePart Part => traits.Checkpoints == CheckpointPart.AtEnd ? StatePart.AtEnd : StatePart.Whole;

    public void Dispose()
    {
        _saved.Dispose();
        _spliced.Dispose();
    }

    /// <summary>Shows what an idle stream holds: its rows, then what its end alone decides. False where it is not what its path
    /// says.</summary>
    public bool Show(StreamSlot slot, Action<RowSlice> rows, Action<nint, long, StatePart> end)
    {
        if (context.Length(slot.Index) != slot.Length) return false;
        if (_layout is not null)
        {
            if (Read(slot, 0, slot.Length) is not { } read) return false;
            rows(read);
        }
        if (traits.Checkpoints != CheckpointPart.None)
        {
            var size = CheckpointBytes(slot);
            var data = _saved.Take(size);
            if (size <= 0 || context.SaveState(slot.Index, data, size, Part) != size) return false;
            end((nint)data, size, Part);
        }
        _saved.Release();
        return true;
    }

    /// <summary>Saves the rows that checkpoints behind a place need and only this stream has.</summary>
    public void ParkCheckpoints(StreamSlot slot, int behind)
    {
        var end = slot.Leaf?.LastCheckpoint();
        if (end is { Checkpoint.Part: StatePart.AtEnd, Rows: null } && end.End > behind) ParkBehindCheckpoint(slot, end);
    }

    private bool ParkBehindCheckpoint(StreamSlot slot, Segment leaf)
    {
        if (leaf.Checkpoint is null && slot.Length == leaf.End) Take(slot, leaf, MarkKind.TurnEnd, slot.LastUsed);
        if (leaf.LastCheckpoint() is not { Checkpoint: { } kept } end) return Lost();
        if (kept.Part == StatePart.Whole || end.Rows is not null) return ReferenceEquals(end, leaf) || Lost();
        var saved = end.LastWithRows();
        store.Completed = end;
        var hasRoom = store.Reserve((long)(end.End - saved.End) * _layout!.BytesPerToken, saved, store.RankOf(end));
        store.Completed = null;
        if (!hasRoom || Read(slot, 0, slot.Length) is not { } rows) return Lost();
        Keep(end, 0, rows);
        _saved.Release();
        meters.Parks++;
        return ReferenceEquals(end, leaf) || Lost();
    }

    private bool Take(StreamSlot slot, Segment place, MarkKind kind, long now)
    {
        if (context.Length(slot.Index) != slot.Length) return false;
        var (size, withRows) = (CheckpointBytes(slot), place.LastWithRows());
        if (size <= 0 || !store.Reserve(size, withRows.Rows is null ? null : withRows, store.RankOf(place, kind, size, now))) return false;
        var data = _saved.Take(size);
        if (context.SaveState(slot.Index, data, size, Part) != size) return false;
        store.Put(place, new StateCheckpoint(data, size, kind, Part) { LastUsed = now });
        _saved.Release();
        if (Part == StatePart.Whole) meters.Parks++;
        return true;
    }

    /// <summary>State that nobody will find again counts as given up.</summary>
    private bool Lost()
    {
        meters.Evictions++;
        return false;
    }

    private ParkedRank? RankOf(Segment place) => traits.Checkpoints == CheckpointPart.None ? null : store.RankOf(place);

    private void Keep(Segment leaf, int position, RowSlice rows)
    {
        foreach (var segment in leaf.PathBehind(leaf.LastWithRows().End))
            store.Put(segment, StateRows.Copy(_layout!, rows.Part(segment.Start - position, segment.Tokens.Length)));
    }

    private RowSlice? Read(StreamSlot slot, int position, int tokens)
    {
        var size = context.StateSize(slot.Index);
        var atEnd = traits.Checkpoints == CheckpointPart.None ? 0
            : context.StateSize(slot.Index, StatePart.AtEnd) - StateLayout.PrefixBytes;
        var began = time.GetTimestamp();
        var data = _saved.Take(size);
        if (context.SaveState(slot.Index, data, size) != size) return null;
        Reads.Measured(size, time.GetElapsedTime(began));
        return _layout!.Open(data, size - atEnd, position, tokens);
    }

    private List<RowSlice>? PartsOf(Segment parked, int depth)
    {
        if (_layout is null || parked.Rows is null) return null;
        if (traits.Checkpoints != CheckpointPart.None && (parked.Checkpoint is null || parked.End != depth)) return null;
        var parts = new List<RowSlice>();
        foreach (var segment in parked.PathBehind(0))
            segment.Rows!.AddTo(parts, Math.Min(segment.Tokens.Length, depth - segment.Start));
        return parts;
    }

    private bool Set(StreamSlot target, IReadOnlyList<RowSlice> parts, Segment path, int depth)
    {
        var size = Splice(target, parts, path, depth);
        var done = context.LoadState(target.Index, _spliced.Take(size), size) && context.Length(target.Index) == depth;
        _spliced.Release();
        return done;
    }

    /// <summary>Puts a whole state for a stream together in scratch memory; its bytes.</summary>
    private long Splice(StreamSlot target, IReadOnlyList<RowSlice> parts, Segment path, int depth)
    {
        var (rows, kept) = (_layout!.Size(depth), traits.Checkpoints == CheckpointPart.None ? null : path.Checkpoint);
        var atEnd = kept is null ? 0 : kept.Bytes - StateLayout.PrefixBytes;
        var data = _spliced.Take(rows + atEnd);
        _layout.Splice(data, target.Index, parts, _layout.HasTokens ? path.FirstTokens(depth) : default);
        if (kept is not null) Buffer.MemoryCopy(kept.Data + StateLayout.PrefixBytes, data + rows, atEnd, atEnd);
        return rows + atEnd;
    }

    private bool CopyWhole(StreamSlot source, StreamSlot target, int depth)
    {
        var size = context.StateSize(source.Index);
        var data = _saved.Take(size);
        var done = context.SaveState(source.Index, data, size) == size && context.LoadState(target.Index, data, size)
            && context.Length(target.Index) == source.Length && CutTo(target, source.Length, depth);
        _saved.Release();
        return done;
    }
}

/// <summary>State that is neither in host memory's budget nor in a stream yet.</summary>
/// <param name="Bytes">What it takes.</param>
/// <param name="End">Tokens that it has.</param>
/// <param name="Depth">Those of them that are wanted.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LiftedState(long Bytes, int End, int Depth);
