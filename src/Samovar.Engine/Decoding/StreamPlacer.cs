using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>Gives a turn a stream that holds as much of its prompt as can be had without computing it.</summary>
/// <remarks>
/// 1 match the prompt's tokens against the namespace's tree, from the continued path on;
/// 2 survey who has how much of the match: streams, host memory, a prompt that is just being computed;
/// 3 wait where another turn is about to have much more of it;
/// 4 take over a stream whose whole content the prompt begins with: that costs nothing;
/// 5 else take the stream that is least missed, park what it holds, and fill it from host memory or from another stream.
/// </remarks>
internal sealed class StreamPlacer(
    LlamaContext context, SegmentTree tree, StreamTable streams, ParkedStore store, StateMover mover, bool canTruncate,
    TimeProvider time)
{
    private const int WaitForTokens = 64;  // a shorter common start is computed sooner than waited for
    private const int CopyTokensMin = 32;  // a live stream is copied for no less,
    private const int CopyShareMin = 64;   // and for no smaller part (1/64) of what must be read from it
    private const int TailTokensMin = 64;  // a shorter unpinned tail is not worth parking
    private long _used;
    private StreamSlot? _filled; // the stream that is being taken over or filled

    /// <summary>Called before each step of a placement. For tests.</summary>
    public Action<PlacementStep>? StepBegins { get; set; }

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
        var survey = Survey(segment, depth, turn.UsableMax);
        var here = Math.Max(survey.WholeTokens, Math.Max(survey.ParkedTokens, survey.LiveTokens));
        if (survey.Coming <= here + WaitForTokens) return new Found(from, behind, survey);
        if (survey.ComingFrom is { } other) other.AwaitedUsed = Math.Min(other.AwaitedUsed, used);
        return null;
    }

    private bool Place(TurnRun turn, Found found)
    {
        var survey = found.Sources;
        StepBegins?.Invoke(PlacementStep.Insert);
        var leaf = tree.Insert(found.From, found.Behind);
        leaf.IsClaimed = true;
        try
        {
            // :: 4-5
            var (slot, cached, source) = survey.Whole is { } own && survey.WholeTokens >= Math.Max(survey.ParkedTokens, survey.LiveTokens)
                ? (Continue(own, leaf, survey.WholeTokens), survey.WholeTokens, CacheSource.OwnStream)
                : Fill(turn, survey, leaf);
            Start(turn, slot, cached, source);
            SegmentTree.NoteHit(leaf, cached);
            return true;
        }
        catch
        {
            if (_filled is { } broken) Forget(broken); // its cells and what we know of them may differ
            throw;
        }
        finally
        {
            (store.Kept, _filled) = (null, null);
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
        var kept = promptOnly && canTruncate ? Math.Min(slot.Length, turn.PromptTokens) : slot.Length;
        if (kept < slot.Length && context.Truncate(slot.Index, kept)) slot.Length = kept;
        var leaf = slot.Length == 0 ? null
            : slot.Length <= prompt.End ? tree.At(prompt, slot.Length)
            : tree.Insert(prompt, turn.Generated[(prompt.End - turn.PromptTokens)..(slot.Length - turn.PromptTokens)].ToArray());
        streams.Move(slot, leaf);
        slot.Owner = null;
        Touch(slot);
        return leaf;
    }

    /// <summary>What is held for a turn that has no stream; null where nothing is.</summary>
    public Segment? Held(TurnRun turn, bool promptOnly)
    {
        if (turn.Suspended is not { } held) return turn.Continued;
        return promptOnly && canTruncate ? tree.At(held, Math.Min(held.End, turn.PromptTokens)) : held;
    }

    /// <summary>Empties a stream whose content is not certain.</summary>
    public void Forget(StreamSlot slot)
    {
        context.Empty(slot.Index);
        slot.Length = 0;
        slot.Owner = null;
        streams.Move(slot, null);
    }

    private Sources Survey(Segment segment, int depth, int usable)
    {
        var found = new Sources();
        var mark = tree.MarkPath(segment);
        foreach (var slot in streams.Slots)
        {
            var meeting = slot.Leaf;
            while (meeting is not null && meeting.Mark != mark) meeting = meeting.Parent;
            if (meeting is null) continue;
            var common = ReferenceEquals(meeting, segment) ? depth : meeting.End;
            var held = Math.Min(common, slot.Length);
            if (canTruncate && Math.Min(common, usable) is var coming && coming > Math.Max(slot.Length, found.Coming))
                (found.Coming, found.ComingFrom) = (coming, slot.Owner as TurnRun);
            if (slot.IsIdle && held == slot.Length && (canTruncate || held <= usable) && held > (found.Whole?.Length ?? 0))
                (found.Whole, found.WholeTokens) = (slot, Math.Min(held, usable));
            else if (canTruncate && held >= CopyTokensMin && (long)held * CopyShareMin >= slot.Length
                && Math.Min(held, usable) > found.LiveTokens)
                (found.Live, found.LiveTokens) = (slot, Math.Min(held, usable));
        }
        FindParked(segment, depth, usable, found);
        return found;
    }

    private void FindParked(Segment segment, int depth, int usable, Sources found)
    {
        for (var at = segment; at is not null; at = at.Parent)
        {
            if (at.Rows is not null)
            {
                (found.Parked, found.ParkedTokens) = (at, Math.Min(usable, Math.Min(depth, at.End)));
                return;
            }
            if (at.Whole is null || at.End > depth || (at.End > usable && !canTruncate)) continue;
            (found.Parked, found.ParkedTokens) = (at, Math.Min(usable, at.End));
            return;
        }
    }

    private StreamSlot Continue(StreamSlot slot, Segment leaf, int cached)
    {
        _filled = slot;
        StepBegins?.Invoke(PlacementStep.Continue);
        if (slot.Length > cached) context.Truncate(slot.Index, cached);
        slot.Length = cached;
        streams.Move(slot, leaf);
        return slot;
    }

    private (StreamSlot Slot, int Cached, CacheSource Source) Fill(TurnRun turn, Sources found, Segment leaf)
    {
        var isParked = found.ParkedTokens > 0 && found.ParkedTokens >= found.LiveTokens;
        store.Kept = isParked ? found.Parked : null;
        var slot = _filled = streams.Victim()!;
        var isSource = !isParked && ReferenceEquals(slot, found.Live);
        StepBegins?.Invoke(PlacementStep.Park);
        if (!isSource || slot.Leaf!.Pins > 0 || slot.Length - found.LiveTokens >= TailTokensMin)
        {
            if (!mover.Park(slot, discard: !isSource) && slot.Leaf is { } lost)
                lost.Loss = new StateLoss(time.GetUtcNow(), LossPlace.Cells);
        }
        streams.Move(slot, leaf);
        var (cached, source) = (0, CacheSource.None);
        if (isSource) (cached, source) = (Continue(slot, leaf, found.LiveTokens).Length, CacheSource.OwnStream);
        else
        {
            context.Empty(slot.Index);
            StepBegins?.Invoke(PlacementStep.Fill);
            var from = time.GetTimestamp();
            if (isParked && mover.Restore(slot, found.Parked!, found.ParkedTokens))
                (cached, source) = (found.ParkedTokens, CacheSource.Parked);
            else if (!isParked && found.Live is { } live && mover.Copy(live, slot, leaf, found.LiveTokens))
                (cached, source) = (found.LiveTokens, CacheSource.OtherStream);
            if (cached == 0) context.Empty(slot.Index);
            else
            {
                turn.Timeline?.Restored(from, time.GetTimestamp(), cached);
                turn.Reuse.Filled(time.GetElapsedTime(from));
            }
        }
        slot.Length = cached;
        return (slot, cached, source);
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
            if (at.Rows is not null) break; // an evicted leaf hands its time on to its parent
        }
    }

    /// <summary>Where a turn's tokens are, and who has how many of them.</summary>
    private sealed record Found(Segment From, ReadOnlyMemory<int> Behind, Sources Sources);

    /// <summary>Who has how many of the prompt's tokens.</summary>
    private sealed class Sources
    {
        /// <summary>An idle stream of which the prompt is a continuation.</summary>
        public StreamSlot? Whole;
        public int WholeTokens;

        /// <summary>A stream, busy or not, that has a start of the prompt and goes on differently.</summary>
        public StreamSlot? Live;
        public int LiveTokens;

        /// <summary>The parked segment that reaches deepest.</summary>
        public Segment? Parked;
        public int ParkedTokens;

        /// <summary>What a running turn is about to compute of it.</summary>
        public int Coming;
        public TurnRun? ComingFrom;
    }
}

/// <summary>What a stream goes through from one turn to the next.</summary>
internal enum PlacementStep { Find, Insert, Continue, Park, Fill, Start, Release }
