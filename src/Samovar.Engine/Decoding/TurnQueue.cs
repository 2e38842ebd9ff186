using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>
/// The turns that wait for a stream, shared out fairly: whose turn comes next, who gives way when there are too many, and what each flow
/// has used. Safe for all threads; turns enter from any, and leave by the engine's.
/// </summary>
internal sealed class TurnQueue
{
    /// <summary>What a flow that comes back may use before those that never stop: a turn with a prompt of this many tokens.</summary>
    private const double Burst = 8192;

    private readonly Lock _gate = new();
    private readonly FairLedger _ledger = new(Burst);
    private readonly FairQueue<TurnRun> _waiting;
    private readonly List<TurnRun> _gaveWay = [];
    private readonly int _turnsMax;
    private int _running;

    /// <param name="turnsMax">Turns that may wait and run together.</param>
    public TurnQueue(int turnsMax)
    {
        _turnsMax = turnsMax;
        _waiting = new FairQueue<TurnRun>(turnsMax, _ledger, turn => !turn.HasBegun);
    }

    /// <summary>Turns that wait.</summary>
    public int Count { get { lock (_gate) return _waiting.Count; } }

    /// <summary>Nothing waits, runs, or is still to be ended.</summary>
    public bool IsEmpty { get { lock (_gate) return _waiting.Count + _running + _gaveWay.Count == 0; } }

    /// <summary>The waiting turns, those of the flow that used least first.</summary>
    public IReadOnlyList<TurnRun> InTurn { get { lock (_gate) return _waiting.Count == 0 ? [] : _waiting.InTurn; } }

    /// <summary>Takes a turn in; false when there is no place. A turn that gives way for it is ended by the engine's thread.</summary>
    public bool TryEnter(TurnRun turn)
    {
        lock (_gate)
        {
            _waiting.PlacesMax = _turnsMax - _running;
            if (!_waiting.TryEnter(turn.Spec.Flow, turn, out var gaveWay)) return false;
            if (gaveWay is not null) _gaveWay.Add(gaveWay);
            return true;
        }
    }

    /// <summary>Turns that gave way since the last call; they wait no more.</summary>
    public IReadOnlyList<TurnRun> TakeGaveWay()
    {
        lock (_gate)
        {
            if (_gaveWay.Count == 0) return [];
            TurnRun[] gaveWay = [.. _gaveWay];
            _gaveWay.Clear();
            return gaveWay;
        }
    }

    /// <summary>A waiting turn has a stream now; false where it has just given way.</summary>
    public bool TryStart(TurnRun turn)
    {
        lock (_gate)
        {
            _ledger.Enter(turn.Spec.Flow); // before it leaves the queue: its flow is here all the time
            if (_waiting.Remove(turn.Spec.Flow, turn))
            {
                _running++;
                return true;
            }
            _ledger.Leave(turn.Spec.Flow);
            return false;
        }
    }

    /// <summary>A turn's stream was taken back: it waits again, in front of its flow's others.</summary>
    public void Return(TurnRun turn)
    {
        lock (_gate)
        {
            _waiting.Return(turn.Spec.Flow, turn);
            Stop(turn);
        }
    }

    /// <summary>A turn is over, whether it ran, waited or gave way.</summary>
    public void Leave(TurnRun turn, bool wasRunning)
    {
        lock (_gate)
        {
            if (wasRunning) Stop(turn);
            else _waiting.Remove(turn.Spec.Flow, turn);
        }
    }

    /// <summary>A turn computed so much, in prompt tokens.</summary>
    public void Charge(TurnRun turn, int cost) { lock (_gate) _ledger.Charge(turn.Spec.Flow, cost); }

    /// <summary>What a flow has used.</summary>
    public double Used(FlowId flow) { lock (_gate) return _ledger.Used(flow); }

    private void Stop(TurnRun turn)
    {
        _running--;
        _ledger.Leave(turn.Spec.Flow);
    }
}
