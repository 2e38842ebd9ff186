using System.Runtime.InteropServices;
using Samovar.Engine.Sequences;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>Gives waiting turns streams, fairly, and takes streams back from flows that hold more than their share.</summary>
/// <remarks>
/// The flow with the fewest streams comes first, then the one that used least. A placement that breaks ends its own turn: it is not tried
/// again, and the others are placed as if it had not been there. One stream a round is taken back at most, and while others speak no
/// further turn is placed once a part of the round's budget is spent: saving and setting state delays the tokens of all who run.
/// </remarks>
internal sealed class TurnPlacement(
    TurnTable turns, TurnQueue queue, StreamPlacer placer, StreamTable streams, TurnEnder ender, RoundBudget budget,
    LoopSettings settings)
{
    private readonly HashSet<TurnRun> _tried = [];
    private readonly HashSet<FlowId> _waitOn = []; // flows that get no stream as things are
    private readonly List<HeldStream> _held = [];
    private bool _hasTakenBack;

    /// <summary>Places whom it can; whether it left some for the next round, because others speak.</summary>
    public bool PlaceWaiting()
    {
        if (queue.Count == 0) return false;
        _tried.Clear();
        _hasTakenBack = false;
        foreach (var turn in queue.InTurn) Expect(turn);
        var began = settings.Time.GetTimestamp();
        var isAwaited = turns.Running.Exists(static turn => turn.IsDecoding);
        var isCutShort = false;
        while (!isCutShort && PlaceNext()) // once for each stream at most: who holds how many changes the order
            isCutShort = isAwaited && budget.IsSpent(settings.Time.GetElapsedTime(began));
        budget.Moved(settings.Time.GetElapsedTime(began));
        return isCutShort;
    }

    /// <summary>Takes in one piece that was read from files; false where there was none.</summary>
    public bool TakeInFromFiles()
    {
        var began = settings.Time.GetTimestamp();
        var hasCome = placer.TakeInFromFiles();
        if (hasCome) budget.Moved(settings.Time.GetElapsedTime(began));
        return hasCome;
    }

    private void Expect(TurnRun turn)
    {
        try
        {
            placer.Files.Expect(turn);
        }
        catch (Exception exception) // one turn's: it would not fare better when it is placed
        {
            ender.End(turn, EngineTurnEndKind.Failed, $"The turn's prompt could not be looked up. {exception}");
        }
    }

    private bool PlaceNext()
    {
        _waitOn.Clear();
        foreach (var turn in queue.InTurn.OrderBy(HeldByFlowOf)) // stable: among equals whoever used least
            if (!turn.IsPaused && !_tried.Contains(turn) && MayPlace(turn) && _tried.Add(turn) && TryPlace(turn)) return true;
        return false;
    }

    private int HeldByFlowOf(TurnRun turn)
    {
        var held = 0;
        foreach (var other in turns.Running)
            if (other.Spec.Flow == turn.Spec.Flow) held++;
        return held;
    }

    private bool MayPlace(TurnRun turn)
    {
        if (turn.NeedsNoStream || streams.AnyIdle) return true;
        if (_hasTakenBack || _waitOn.Contains(turn.Spec.Flow)) return false;
        return VictimFor(turn) is not null || !_waitOn.Add(turn.Spec.Flow);
    }

    private bool TryPlace(TurnRun turn)
    {
        try
        {
            if (turn.Fault is { } fault) ender.End(turn, EngineTurnEndKind.Failed, fault);
            else if (turn.NeedsNoStream) ender.End(turn, EngineTurnEndKind.OutputLimit);
            else if (placer.TryPlace(turn, queue.Used(turn.Spec.Flow), () => TakeBackFor(turn))) return Start(turn);
        }
        catch (Exception exception) // one turn's placement: out of memory, or a fault of ours
        {
            ender.End(turn, EngineTurnEndKind.Failed, $"The turn could not be given a stream. {exception}");
        }
        return false;
    }

    private bool Start(TurnRun turn)
    {
        if (!queue.TryStart(turn)) return false; // it gave way this moment, and is ended with the others that did
        turns.Running.Add(turn);
        if (turn.Begin() && !turn.Spec.IsBackground)
        {
            settings.Meters.PromptTokens += turn.PromptTokens;
            settings.Meters.CachedTokens += turn.CachedTokens;
            settings.Retention.Returned(turn.Spec.ContinueFrom as HeldPath, turn.Begun);
        }
        if (turn.IsWarmedUp) ender.End(turn, EngineTurnEndKind.OutputLimit); // of what is warm
        return true;
    }

    private bool TakeBackFor(TurnRun turn)
    {
        if (_hasTakenBack || VictimFor(turn) is not { } victim) return false;
        _hasTakenBack = true;
        try
        {
            victim.Suspend(placer.Release(victim, promptOnly: false));
            queue.Return(victim);
            victim.Timeline?.Suspended(settings.Time.GetTimestamp());
        }
        catch (Exception exception) // one turn's stream: what it holds is not certain
        {
            ender.End(victim, EngineTurnEndKind.Failed, $"The turn's stream could not be taken back. {exception}");
            return streams.AnyIdle;
        }
        turns.Running.Remove(victim);
        settings.Meters.Preemptions++;
        return true;
    }

    private TurnRun? VictimFor(TurnRun turn)
    {
        _held.Clear();
        var isStill = turns.Running.TrueForAll(other => other.IsPaused); // then nobody loses by it, and no further round would come
        foreach (var other in turns.Running)
            _held.Add(new HeldStream(other.Spec.Flow, queue.Used(other.Spec.Flow), other.Served, isStill || other.IsLeftAlone));
        var victim = StreamShares.Victim(CollectionsMarshal.AsSpan(_held), turn.Spec.Flow, queue.Used(turn.Spec.Flow));
        return victim < 0 ? null : turns.Running[victim];
    }
}
