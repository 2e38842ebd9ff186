using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Decoding;

/// <summary>Keeps prefixes in host memory for those who will begin with them, and counts who does. The engine's thread only.</summary>
/// <remarks>
/// 1 a turn that computed a prefix has ended: its state is parked at once, before its stream serves others, and the segment where it ends
/// is marked; parked state that is marked goes after all other, so what runs never lacks memory for it; 2 what all marked ones take is
/// bounded, and so is what one namespace's take: one that goes beyond is not kept; 3 a prefix whose state was given up all the same is
/// marked again by the next turn that computes it, where it still has its room: others may have been kept in it since; 4 whoever begins
/// with one is counted from its placement to its end.
/// </remarks>
internal sealed class PrefixKeeper(
    SegmentTree tree, ParkedStore store, StateMover mover, StateTraits traits, PinHome home, TimeProvider time)
{
    private readonly List<KeptPath> _kept = []; // bounded by whoever asks for them
    private readonly Dictionary<TurnRun, List<KeptPath>> _standing = []; // by turns that have a stream, or wait for one again

    /// <summary>Has something done between two rounds.</summary>
    public required Action<Action> Ask { get; init; }

    /// <summary>The kept ones. For tests.</summary>
    public IReadOnlyList<KeptPath> Kept => _kept;

    /// <summary>A turn that computed a prefix has ended. :: 1-2</summary>
    /// <param name="turn">The turn, whose stream holds the prefix and nothing behind it.</param>
    /// <param name="slot">That stream.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="room">What kept prefixes may take.</param>
    public PrefixKeeping Keep(TurnRun turn, StreamSlot slot, Segment? end, PrefixRoom room)
    {
        if (end is null || end.End != turn.PromptTokens || !IsParked(slot, end)) return new PrefixKeeping.NoRoom();
        var kept = new KeptPath(turn.Spec.Prompt, turn.Spec.Namespace, home, time.GetUtcNow(), Drop)
        {
            Segment = end, Room = room, Bytes = PathBytes.Of(end),
        };
        _kept.Add(kept);
        Mark(kept);
        if (Refused(kept) is { } refused)
        {
            LetGo(kept);
            return refused;
        }
        foreach (var begun in _standing.Values) TakeOver(begun, kept);
        return new PrefixKeeping.Kept(kept);
    }

    /// <summary>A turn has a stream. :: 3-4</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="leaf">Where its prompt ends.</param>
    /// <param name="cached">Tokens of it that were there.</param>
    public void Placed(TurnRun turn, Segment leaf, int cached)
    {
        if (_kept.Count == 0 || turn.HasBegun || turn.Spec.IsBackground || turn.Spec.Keeps is not null) return;
        List<KeptPath>? begun = null;
        foreach (var kept in _kept)
        {
            if (kept.Segment.IsDetached ? !BeginsWith(kept, leaf, turn) : !IsOnPath(kept.Segment, leaf)) continue;
            if (kept.Segment.IsDetached) TakeBack(kept, leaf, turn);
            kept.Begun(isHit: cached >= Math.Min(kept.Path.Length, turn.UsableMax), time.GetUtcNow());
            (begun ??= []).Add(kept);
        }
        if (begun is not null) _standing[turn] = begun;
    }

    /// <summary>A turn is over.</summary>
    public void Ended(TurnRun turn)
    {
        if (!_standing.Remove(turn, out var begun)) return;
        foreach (var kept in begun) kept.Ended(time.GetUtcNow());
    }

    /// <summary>A prefix that is warmed again is used by those who began with it before.</summary>
    private static void TakeOver(List<KeptPath> begun, KeptPath kept)
    {
        if (!begun.Exists(other => other.Scope == kept.Scope && ReferenceEquals(other.Segment, kept.Segment))) return;
        begun.Add(kept);
        kept.Stands();
    }

    private void Drop(KeptPath kept) => Ask(() => LetGo(kept));

    private void LetGo(KeptPath kept)
    {
        if (!_kept.Remove(kept) || kept.Segment.IsDetached) return;
        kept.Segment.Keeps--;
        if (ReferenceEquals(kept.Segment.Kept, kept))
            kept.Segment.Kept = _kept.FindLast(other => ReferenceEquals(other.Segment, kept.Segment));
        store.Rank(kept.Segment);
    }

    private void Mark(KeptPath kept)
    {
        kept.Segment.Keeps++;
        kept.Segment.Kept = kept;
        store.Rank(kept.Segment);
    }

    private bool IsParked(StreamSlot slot, Segment end)
    {
        end.Keeps++; // it is given the room that kept ones have
        try
        {
            if (traits.Checkpoints != CheckpointPart.None) mover.Checkpoint(slot, MarkKind.StableStart, slot.LastUsed);
            return mover.Park(slot, discard: false) && (traits.Checkpoints == CheckpointPart.None ? end.Rows is not null : IsWhole(end));
        }
        finally
        {
            end.Keeps--;
            store.Rank(end);
        }
    }

    private static bool IsWhole(Segment end) =>
        end.Checkpoint is { } kept && (kept.Part == StatePart.Whole || end.Rows is not null);

    /// <summary>Why one of the kept ones goes beyond its room; null where it does not.</summary>
    private PrefixKeeping? Refused(KeptPath added)
    {
        var room = added.Room;
        List<KeptPath> own = [.. _kept.Where(kept => kept.Scope == added.Scope)];
        if (BytesOf(own) is var bytes && bytes > room.ScopeBytesMax) return new PrefixKeeping.TooLarge(bytes, room.ScopeBytesMax);
        return BytesOf(_kept) > room.BytesMax ? new PrefixKeeping.Full(own.Count - 1) : null;
    }

    /// <summary>What several have in common counts once; what is not parked at the moment counts as it will be.</summary>
    private static long BytesOf(IEnumerable<KeptPath> kept)
    {
        var bytes = 0L;
        HashSet<Segment> seen = new(ReferenceEqualityComparer.Instance), ends = new(ReferenceEqualityComparer.Instance);
        foreach (var one in kept.Where(static one => !one.Segment.IsDetached))
        {
            if (ends.Add(one.Segment)) bytes += one.Segment.Checkpoint?.Bytes ?? one.Bytes.AtEnd;
            for (var at = one.Segment; at is not null && seen.Add(at); at = at.Parent) bytes += one.Bytes.RowsOf(at);
        }
        return bytes;
    }

    /// <summary>Whether a prompt begins with a prefix whose state was given up.</summary>
    private static bool BeginsWith(KeptPath kept, Segment leaf, TurnRun turn)
    {
        var length = kept.Path.Length;
        return kept.Scope == turn.Spec.Namespace && leaf.End >= length && kept.Tokens.SequenceEqual(leaf.FirstTokens(length));
    }

    /// <summary>It is computed again: it is kept from now on, where it has its room.</summary>
    private void TakeBack(KeptPath kept, Segment leaf, TurnRun turn)
    {
        var (length, gone) = (kept.Path.Length, kept.Segment);
        kept.Segment = tree.At(leaf, length);
        if (Refused(kept) is not null)
        {
            kept.Segment = gone; // a later turn may find room
            return;
        }
        Mark(kept);
        if (traits.WantsCheckpoints) turn.Marks.AddBranch(length, turn.Slot!.Length);
    }

    private static bool IsOnPath(Segment segment, Segment leaf)
    {
        var at = leaf;
        while (at is not null && at.End > segment.End) at = at.Parent;
        return ReferenceEquals(at, segment);
    }
}
