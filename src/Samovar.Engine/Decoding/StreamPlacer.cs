using Samovar.Engine.Disk;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Decoding;

/// <summary>Gives a turn a stream that holds as much of its prompt as can be had without computing it.</summary>
/// <remarks>
/// 1 match the prompt's tokens against the namespace's tree, from the continued path on;
/// 2 survey who has how much of the match: streams, host memory, a prompt that is just being computed;
/// 3 wait where another turn is about to have much more of it, or files have: what was read from them is host memory's then;
/// 4 take over a stream whose whole content the prompt begins with: that costs nothing;
/// 5 where a state cannot be cut anywhere, take a stream of the turn's own chain back to where the prompt leaves it;
/// 6 else take the stream whose content is worth least, park what it holds, and fill it from host memory or from another stream;
/// 7 where the model's memory wants it, keep checkpoints on the way.
/// Whatever was set is looked at afterwards; where it is not what it should be, the stream is emptied and the prompt computed.
/// </remarks>
internal sealed class StreamPlacer(
    LlamaContext context, SegmentTree tree, StreamTable streams, ParkedStore store, StateMover mover, StateTraits traits,
    StreamVictims victims, TimeProvider time)
{
    private const int WaitForTokens = 64;  // a shorter common start is computed sooner than waited for
    private const int TailTokensMin = 64;  // a shorter unpinned tail is not worth parking,
    private const int OwnTailTokensMin = 512; // nor one of this that the turn's own chain leaves, where it is saved as a whole
    private readonly StateSurveyor _surveyor = new(context, tree, streams, traits);
    private readonly CheckpointKeeper _keeper = new(mover, traits, time);
    private long _used;
    private StreamSlot? _filled; // the stream that is being taken over or filled

    /// <summary>What neither streams nor host memory have.</summary>
    public FilePrompts Files { get; } = new(tree, new StateSurveyor(context, tree, streams, traits));

    /// <summary>Who begins with a kept prefix is told to it.</summary>
    public PrefixKeeper? Prefixes { get; set; }

    /// <summary>Which starts of other streams are copied; without it all are.</summary>
    public CopyWorth? Copies { get; set; }

    /// <summary>Called before each step of a placement. For tests.</summary>
    public Action<PlacementStep>? StepBegins { get; set; }

    /// <summary>Takes in what was read from files; false where nothing was.</summary>
    public bool TakeInFromFiles() => Files.TakeIn(_used);

    /// <summary>Starts the turn on a stream; false when it has to wait.</summary>
    /// <param name="turn">A turn without a stream.</param>
    /// <param name="used">What its flow has used: where it waits for what another turn computes, that is computed as if for it.</param>
    /// <param name="takeBack">Makes a stream idle where none is; false when it may not.</param>
    /// <exception cref="Exception">Anything that broke on the way: then the stream that was being filled is empty, and all else is as it
    /// was.</exception>
    public bool TryPlace(TurnRun turn, double used, Func<bool> takeBack)
    {
        if (streams.AnyIdle) return TryFind(turn, used) is { } found && Place(turn, found);
        return TryFind(turn, used) is not null && takeBack()
            && TryFind(turn, used) is { } now && Place(turn, now); // the streams are others now
    }

    private Found? TryFind(TurnRun turn, double used)
    {
        // :: 1
        StepBegins?.Invoke(PlacementStep.Find);
        var (from, behind) = turn.Lookup(tree.Root(turn.Spec.Namespace));
        var (segment, depth) = SegmentTree.Match(from, behind.Span);
        // :: 2-3
        var survey = _surveyor.Survey(segment, depth, turn.UsableMax);
        if (Files.IsAwaited(turn, survey, segment, depth)) return null;
        if (survey.Coming <= survey.Here + WaitForTokens) return new Found(from, behind, depth, survey);
        if (survey.ComingFrom is { } other)
        {
            other.Share.AwaitedUsed = Math.Min(other.Share.AwaitedUsed, used);
            if (traits.WantsCheckpoints) other.Marks.AddBranch(survey.Coming, other.Slot!.Length);
        }
        return null;
    }

    private bool Place(TurnRun turn, Found found)
    {
        var survey = found.Sources;
        StepBegins?.Invoke(PlacementStep.Insert);
        var leaf = tree.Insert(found.From, found.Behind);
        leaf.IsClaimed = true;
        Files.Store(turn, leaf);
        try
        {
            var (slot, cached, source) = Take(turn, survey, leaf); // :: 4-6
            Start(turn, slot, cached, source);
            _keeper.Place(turn, Math.Min(found.Depth, turn.UsableMax), _used); // :: 7
            SegmentTree.NoteHit(leaf, cached);
            Prefixes?.Placed(turn, leaf, cached);
            return true;
        }
        catch
        {
            if (_filled is { } broken) Forget(broken); // its cells and what we know of them may differ
            throw;
        }
        finally
        {
            (store.Kept, store.Completed, _filled) = (null, null, null);
            leaf.IsClaimed = false;
            tree.Prune(leaf);
        }
    }

    /// <summary>Takes the turn off its stream and leaves the stream's state to a continuation; its segment, null when nothing is
    /// left.</summary>
    public Segment? Release(TurnRun turn, bool promptOnly)
    {
        StepBegins?.Invoke(PlacementStep.Release);
        if (turn.Slot is not { Leaf: { } prompt } slot) return null;
        var kept = promptOnly ? Math.Min(slot.Length, turn.PromptTokens) : slot.Length;
        if (kept < slot.Length && !GoBack(slot, prompt, kept))
        {
            Forget(slot);
            return null;
        }
        var leaf = slot.Length == 0 ? null
            : slot.Length <= prompt.End ? tree.At(prompt, slot.Length)
            : tree.Insert(prompt, turn.Generated[(prompt.End - turn.PromptTokens)..(slot.Length - turn.PromptTokens)].ToArray());
        Files.Store(turn, leaf);
        Move(slot, leaf);
        slot.Owner = null;
        Touch(slot);
        return leaf;
    }

    /// <summary>A turn's prompt is computed up to here: a place to be kept may be reached. :: 7</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="tokens">How much was computed just now.</param>
    /// <param name="took">How long that took.</param>
    public void Reached(TurnRun turn, int tokens, TimeSpan took) => _keeper.Reached(turn, tokens, took, _used);

    /// <summary>What is held for a turn that has no stream; null where nothing is.</summary>
    public Segment? Held(TurnRun turn, bool promptOnly)
    {
        if (turn.Suspended is not { } held) return turn.Continued;
        return promptOnly ? tree.At(held, Math.Min(held.End, turn.PromptTokens)) : held;
    }

    /// <summary>Empties a stream whose content is not certain.</summary>
    public void Forget(StreamSlot slot)
    {
        context.Empty(slot.Index);
        slot.Length = 0;
        slot.Owner = null;
        Move(slot, null);
    }

    /// <summary>Takes a stream back to at most a length: by cutting it, or to the last checkpoint in front of it. Where neither can be, it
    /// stays as it is. False where what it holds is not certain.</summary>
    private bool GoBack(StreamSlot slot, Segment path, int length)
    {
        if (traits.CanCut(context, slot.Index, slot.Length, length))
        {
            if (!mover.CutTo(slot, slot.Length, length)) return false;
            slot.Length = length;
            return true;
        }
        if (path.LastCheckpoint(length) is not { } place) return true;
        if (!mover.Rewind(slot, place)) return false;
        slot.Length = place.End;
        return true;
    }

    private (StreamSlot Slot, int Cached, CacheSource Source) Take(TurnRun turn, StateSources found, Segment leaf)
    {
        if (found.Live is { } live && IsDear(live, found)) (found.Live, found.LiveTokens) = (null, 0);
        if (found.Whole is { } own && found.WholeTokens >= found.Here) return Continue(own, leaf, found.WholeTokens);
        if (found.Back is not { } slot || found.BackTokens < found.Here) return Fill(turn, found, leaf);
        var isOwn = turn.Before is { } end && slot.IsOn(end);
        return isOwn || ReferenceEquals(victims.Next(), slot)
            || (found.BackTo is null && found.BackTokens > Math.Max(found.ParkedTokens, found.LiveTokens) + WaitForTokens)
            ? GoBack(found, slot, leaf, isOwn) : Fill(turn, found, leaf);
    }

    /// <summary>Whether what else there is goes before a stream that must be read; the one that is taken next is cut where it is.</summary>
    private bool IsDear(StreamSlot live, StateSources found) => found.LiveTokens > found.Nearer
        && Copies?.IsWorth(context.StateSize(live.Index), found.Nearer, found.LiveTokens) == false
        && !ReferenceEquals(victims.Next(), live);

    private (StreamSlot Slot, int Cached, CacheSource Source) Continue(StreamSlot slot, Segment leaf, int cached)
    {
        _filled = slot;
        StepBegins?.Invoke(PlacementStep.Continue);
        if (!mover.CutTo(slot, slot.Length, cached)) return Emptied(slot, leaf);
        if (traits.WantsCheckpoints) store.NoteUse(slot.Leaf, _used);
        slot.Length = cached;
        Move(slot, leaf);
        return (slot, cached, CacheSource.OwnStream);
    }

    private (StreamSlot Slot, int Cached, CacheSource Source) GoBack(StateSources found, StreamSlot slot, Segment leaf, bool isOwn)
    {
        store.Kept = found.BackTo;
        _filled = slot;
        StepBegins?.Invoke(PlacementStep.Park);
        var tail = slot.Length - found.BackTokens;
        var isWanted = !slot.Leaf!.IsFinal;
        if (isWanted && (isOwn ? tail >= OwnTailTokensMin : slot.Leaf.Pins > 0 || tail >= TailTokensMin)) mover.Park(slot, discard: false);
        else if (isWanted) mover.ParkCheckpoints(slot, found.BackTokens);
        StepBegins?.Invoke(PlacementStep.Continue);
        var isBack = found.BackTo is { } place ? mover.Rewind(slot, place) : mover.CutTo(slot, slot.Length, found.BackTokens);
        if (!isBack) return Emptied(slot, leaf);
        if (found.BackTo is { } used) store.NoteUse(used, _used);
        slot.Length = found.BackTokens;
        Move(slot, leaf);
        return (slot, found.BackTokens, CacheSource.OwnStream);
    }

    /// <summary>A stream could not be made what it was to be: the whole prompt is computed.</summary>
    private (StreamSlot Slot, int Cached, CacheSource Source) Emptied(StreamSlot slot, Segment leaf)
    {
        context.Empty(slot.Index);
        slot.Length = 0;
        Move(slot, leaf);
        return (slot, 0, CacheSource.None);
    }

    private (StreamSlot Slot, int Cached, CacheSource Source) Fill(TurnRun turn, StateSources found, Segment leaf)
    {
        var isParked = found.ParkedTokens > 0 && found.ParkedTokens >= found.LiveTokens;
        store.Kept = isParked ? found.Parked : null;
        var slot = _filled = victims.Next()!;
        var isSource = !isParked && !traits.WantsCheckpoints && ReferenceEquals(slot, found.Live);
        if (!isParked && traits.WantsCheckpoints && found.Live is not null)
        {
            store.Kept = leaf.LastCheckpoint(found.LiveTokens) is { } place && place.End == found.LiveTokens ? place : null;
            if (ReferenceEquals(slot, found.Live))
            {
                (found.Back, found.BackTo, found.BackTokens) = (slot, store.Kept, found.LiveTokens);
                return GoBack(found, slot, leaf, isOwn: false);
            }
        }
        StepBegins?.Invoke(PlacementStep.Park);
        var isWanted = slot.Leaf is not { IsFinal: true }
            && (!isSource || slot.Leaf!.Pins > 0 || slot.Length - found.LiveTokens >= TailTokensMin);
        var lifted = isParked && isWanted ? mover.LiftWhereFull(slot, found.Parked!, found.ParkedTokens) : null;
        if (lifted is not null) store.Kept = null;
        if (lifted is not null && traits.WantsCheckpoints) store.NoteUse(found.Parked, _used);
        if (isWanted && !mover.Park(slot, discard: !isSource) && slot.Leaf is { } lost)
            lost.Loss = new StateLoss(time.GetUtcNow(), LossPlace.Cells);
        Move(slot, leaf);
        if (isSource) return Continue(slot, leaf, found.LiveTokens);
        context.Empty(slot.Index);
        slot.Length = 0;
        StepBegins?.Invoke(PlacementStep.Fill);
        var (from, cached, source) = (time.GetTimestamp(), 0, CacheSource.None);
        if (isParked && (lifted is { } state ? mover.Lower(slot, state) : mover.Restore(slot, found.Parked!, found.ParkedTokens)))
            (cached, source) = (found.ParkedTokens, Files.HasCome(turn, found.Parked!) ? CacheSource.Disk : CacheSource.Parked);
        else if (!isParked && found.Live is { } live && mover.Copy(live, slot, leaf, found.LiveTokens))
            (cached, source) = (found.LiveTokens, CacheSource.OtherStream);
        if (cached == 0) context.Empty(slot.Index);
        else
        {
            turn.Timeline?.Restored(from, time.GetTimestamp(), cached);
            turn.Reuse.Filled(time.GetElapsedTime(from));
        }
        if (cached > 0 && traits.WantsCheckpoints && lifted is null) store.NoteUse(store.Kept, _used);
        slot.Length = cached;
        return (slot, cached, source);
    }

    /// <summary>Moves a stream to another path, and gives up what only it had of the old one.</summary>
    private void Move(StreamSlot slot, Segment? leaf)
    {
        var old = slot.Leaf;
        streams.Move(slot, leaf);
        if (!ReferenceEquals(old, leaf)) store.DropLost(old);
    }

    private void Start(TurnRun turn, StreamSlot slot, int cached, CacheSource source)
    {
        StepBegins?.Invoke(PlacementStep.Start);
        slot.Repeats.Truncate(source == CacheSource.OwnStream ? cached : 0);
        turn.Resume(slot, cached, source);
        turn.Timeline?.Placed(time.GetTimestamp());
        slot.Owner = turn;
        Touch(slot);
    }

    private void Touch(StreamSlot slot)
    {
        slot.LastUsed = ++_used;
        for (var at = slot.Leaf; at is not null && at.LastUsed != _used; at = at.Parent)
        {
            at.LastUsed = _used;
            if (at.Rows is not null && !traits.WantsCheckpoints) break; // an evicted leaf hands its time on to its parent
            if (at.Checkpoint is { Kind: MarkKind.StableStart or MarkKind.Branch } shared) shared.LastUsed = _used;
        }
    }

    /// <summary>Where a turn's tokens are, how many of them are known, and who has how many.</summary>
    private sealed record Found(Segment From, ReadOnlyMemory<int> Behind, int Depth, StateSources Sources);
}
