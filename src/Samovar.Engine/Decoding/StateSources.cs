using Samovar.Engine.Native;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Decoding;

/// <summary>Who has how many of a prompt's tokens.</summary>
internal sealed class StateSources
{
    /// <summary>An idle stream of which the prompt is a continuation.</summary>
    public StreamSlot? Whole;
    public int WholeTokens;

    /// <summary>An idle stream that has a start of the prompt, goes on differently, and is to be taken back to it; without a place it is
    /// cut.</summary>
    public StreamSlot? Back;
    public Segment? BackTo;
    public int BackTokens;

    /// <summary>A stream, busy or not, that has a start of the prompt, goes on differently, and can be copied.</summary>
    public StreamSlot? Live;
    public int LiveTokens;

    /// <summary>The parked segment that reaches deepest.</summary>
    public Segment? Parked;
    public int ParkedTokens;

    /// <summary>What a running turn is about to compute of it.</summary>
    public int Coming;
    public TurnRun? ComingFrom;

    /// <summary>Tokens that can be had now.</summary>
    public int Here => Math.Max(Nearer, LiveTokens);

    /// <summary>Tokens that can be had now, and no other stream is read for.</summary>
    public int Nearer => Math.Max(Math.Max(WholeTokens, BackTokens), ParkedTokens);
}

/// <summary>Looks for the state of a prompt: in streams, in host memory, in prompts that are just being computed.</summary>
/// <remarks>
/// What can be cut anywhere is of use as far as it is common. Else a stream is of use as a whole, as far as it may be cut, or up to a
/// checkpoint in host memory: then the stream itself goes back to it, or its rows, or those in host memory, are put together with it.
/// </remarks>
internal sealed class StateSurveyor(LlamaContext context, SegmentTree tree, StreamTable streams, StateTraits traits)
{
    private const int CopyTokensMin = 32; // a live stream is copied for no less,
    private const int CopyShareMin = 64;  // and for no smaller part (1/64) of what must be read from it

    /// <param name="segment">The last segment that the prompt has in common with the tree.</param>
    /// <param name="depth">How far it has that.</param>
    /// <param name="usable">How much of the prompt may be taken over.</param>
    public StateSources Survey(Segment segment, int depth, int usable)
    {
        var found = new StateSources();
        var mark = tree.MarkPath(segment);
        foreach (var slot in streams.Slots)
        {
            var meeting = slot.Leaf;
            while (meeting is not null && meeting.Mark != mark) meeting = meeting.Parent;
            if (meeting is null) continue;
            var common = ReferenceEquals(meeting, segment) ? depth : meeting.End;
            AddComing(slot, Math.Min(common, usable), found);
            if (traits.WantsCheckpoints) AddBehindCheckpoint(slot, meeting, common, usable, found);
            else AddCuttable(slot, Math.Min(common, slot.Length), usable, found);
        }
        AddParked(segment, depth, usable, found);
        return found;
    }

    private void AddComing(StreamSlot slot, int common, StateSources found)
    {
        if (slot.Owner is not TurnRun owner) return;
        var coming = traits.WantsCheckpoints ? owner.Marks.Before(Math.Min(common, owner.UsableMax), slot.Length) : common;
        if (coming > Math.Max(slot.Length, found.Coming)) (found.Coming, found.ComingFrom) = (coming, owner);
    }

    private static void AddCuttable(StreamSlot slot, int held, int usable, StateSources found)
    {
        if (slot.IsIdle && held == slot.Length && held > (found.Whole?.Length ?? 0))
            (found.Whole, found.WholeTokens) = (slot, Math.Min(held, usable));
        else if (held >= CopyTokensMin && (long)held * CopyShareMin >= slot.Length) AddLive(slot, Math.Min(held, usable), found);
    }

    /// <summary>Of two that have as much the shorter one: all of it is read.</summary>
    private static void AddLive(StreamSlot slot, int tokens, StateSources found)
    {
        if (tokens > found.LiveTokens || (tokens == found.LiveTokens && slot.Length < found.Live?.Length))
            (found.Live, found.LiveTokens) = (slot, tokens);
    }

    private void AddBehindCheckpoint(StreamSlot slot, Segment meeting, int common, int usable, StateSources found)
    {
        var (held, most) = (Math.Min(common, slot.Length), Math.Min(Math.Min(common, slot.Length), usable));
        var isCuttable = slot.IsIdle && traits.CanCut(context, slot.Index, slot.Length, most);
        if (isCuttable && held == slot.Length && most > found.WholeTokens) (found.Whole, found.WholeTokens) = (slot, most);
        else if (isCuttable && most > found.BackTokens) (found.Back, found.BackTo, found.BackTokens) = (slot, null, most);
        if (meeting.LastCheckpoint(most) is not { Checkpoint: { } kept } place) return;
        if (slot.IsIdle && place.End > found.BackTokens) (found.Back, found.BackTo, found.BackTokens) = (slot, place, place.End);
        if (kept.Part == StatePart.AtEnd && place.End >= CopyTokensMin) AddLive(slot, place.End, found);
    }

    private void AddParked(Segment segment, int depth, int usable, StateSources found)
    {
        for (var at = segment; at is not null; at = at.Parent)
        {
            if (traits.Checkpoints == CheckpointPart.None)
            {
                if (at.Rows is null) continue;
                (found.Parked, found.ParkedTokens) = (at, Math.Min(usable, Math.Min(depth, at.End)));
                return;
            }
            if (at.Checkpoint is not { } kept || at.End > depth || (kept.Part == StatePart.AtEnd && at.Rows is null)) continue;
            if (at.End > usable && traits.Cut != LiveCut.Anywhere) continue;
            (found.Parked, found.ParkedTokens) = (at, Math.Min(usable, at.End));
            return;
        }
    }
}
