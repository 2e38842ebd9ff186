using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Decoding;

/// <summary>Keeps checkpoints while prompts are computed, where a state cannot be cut anywhere. The engine's thread only.</summary>
/// <remarks>A place on the way is kept only where saving it takes a small part of what computing up to it again would take.</remarks>
internal sealed class CheckpointKeeper(StateMover mover, StateTraits traits, TimeProvider time)
{
    private const double CostShareMax = 0.1;
    private const double Newest = 0.25; // weight of what was measured last
    private double _secondsToKeep;
    private double _secondsPerToken;
    private int _lastKept; // of whichever turn: about how far apart places are

    /// <summary>A turn has a stream. A place that comes at once is kept here and now: the stream is as good as there.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="known">Tokens of it that somebody had before.</param>
    /// <param name="now">The engine's turn count.</param>
    public void Place(TurnRun turn, int known, long now)
    {
        if (!traits.WantsCheckpoints || turn.Slot is not { } slot) return;
        turn.Marks.Place(turn.Spec.Marks, slot.Length, known, turn.UsableMax);
        if (slot.Length > 0 && turn.Marks.TakeNear(slot.Length) is { } kind) Keep(slot, kind, now);
    }

    /// <summary>A turn's prompt is computed up to here: a place to be kept may be reached.</summary>
    public void Reached(TurnRun turn, int tokens, TimeSpan took, long now)
    {
        if (!traits.WantsCheckpoints || turn.Slot is not { } slot) return;
        Note(ref _secondsPerToken, took.TotalSeconds / tokens);
        if (turn.Marks.Take(slot.Length) is not { } kind) return;
        var apart = Math.Min(Math.Abs(slot.Length - _lastKept), slot.Length);
        if (kind != MarkKind.Interval || _secondsToKeep <= CostShareMax * apart * _secondsPerToken) Keep(slot, kind, now);
    }

    private void Keep(StreamSlot slot, MarkKind kind, long now)
    {
        var began = time.GetTimestamp();
        try
        {
            if (mover.Checkpoint(slot, kind, now)) _lastKept = slot.Length;
        }
        catch (OutOfMemoryException) { } // the turn goes on; whoever comes back here computes it
        Note(ref _secondsToKeep, time.GetElapsedTime(began).TotalSeconds);
    }

    private static void Note(ref double mean, double value) => mean = mean == 0 ? value : mean + Newest * (value - mean);
}
