using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>
/// The turns that wait for a stream, shared out fairly: whose turn comes next, who gives way or is refused when there are too many, and
/// what each flow has used. Safe for all threads; turns enter from any, and leave by the engine's.
/// </summary>
internal sealed class TurnQueue
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1), RetryMax = TimeSpan.FromSeconds(60);

    /// <summary>What a flow that comes back may use before those that never stop: a turn with a prompt of this many tokens.</summary>
    private const double Burst = 8192;

    private readonly Lock _gate = new();
    private readonly FairLedger _ledger = new(Burst);
    private readonly FairQueue<TurnRun> _waiting;
    private readonly List<TurnRun> _gaveWay = [];
    private readonly Dictionary<FlowId, int> _runningOf = [];
    private readonly ExpectedWait _expected;
    private readonly TimeProvider _time;
    private readonly TimeSpan _waitMax;
    private readonly int _turnsMax;
    private int _running;
    private double _begun; // the sum of when those that run began, in seconds

    /// <param name="turnsMax">Turns that may wait and run together.</param>
    /// <param name="streams">Turns that may run.</param>
    /// <param name="waitMax">How long a turn may wait for its first stream.</param>
    public TurnQueue(int turnsMax, int streams, TimeSpan waitMax, TimeProvider time)
    {
        (_turnsMax, _waitMax, _time, _expected) = (turnsMax, waitMax, time, new ExpectedWait(streams));
        _waiting = new FairQueue<TurnRun>(turnsMax, _ledger, turn => !turn.HasBegun);
    }

    /// <summary>Turns that wait.</summary>
    public int Count { get { lock (_gate) return _waiting.Count; } }

    /// <summary>Nothing waits, runs, or is still to be ended.</summary>
    public bool IsEmpty { get { lock (_gate) return _waiting.Count + _running + _gaveWay.Count == 0; } }

    /// <summary>The waiting turns, those of the flow that used least first.</summary>
    public IReadOnlyList<TurnRun> InTurn { get { lock (_gate) return _waiting.Count == 0 ? [] : _waiting.InTurn; } }

    /// <summary>Takes a turn in; false when there is no place, or it would wait longer than any may. A turn that gives way for it is ended
    /// by the engine's thread.</summary>
    public bool TryEnter(TurnRun turn)
    {
        lock (_gate)
        {
            var isFirst = _waiting.CountOf(turn.Spec.Flow) == 0 && !_runningOf.ContainsKey(turn.Spec.Flow);
            if (!isFirst && WaitOf(turn.Spec.Flow) > _waitMax) return false; // a flow's first turn gets a stream that is taken back
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

    /// <summary>How long a flow's next turn would wait.</summary>
    public TimeSpan Expected(FlowId flow) { lock (_gate) return WaitOf(flow); }

    /// <summary>When it is worth to come again for a turn of a flow that was refused.</summary>
    public TimeSpan RetryAfter(FlowId flow)
    {
        lock (_gate) return _expected.RetryAfter(WaitOf(flow), _waitMax, RetryMin, RetryMax);
    }

    /// <summary>Whether a turn that never ran has waited as long as any may.</summary>
    public bool IsOverdue(TurnRun turn) => !turn.HasBegun && _time.GetElapsedTime(turn.Begun) > _waitMax;

    /// <summary>A waiting turn has a stream now; false where it has just given way.</summary>
    public bool TryStart(TurnRun turn)
    {
        lock (_gate)
        {
            _ledger.Enter(turn.Spec.Flow); // before it leaves the queue: its flow is here all the time
            if (_waiting.Remove(turn.Spec.Flow, turn))
            {
                Start(turn);
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
            if (turn.HasBegun && !turn.Spec.IsBackground) _expected.GaveBack(turn.Share.Ran);
        }
    }

    /// <summary>A turn computed so much, in prompt tokens.</summary>
    public void Charge(TurnRun turn, int cost) { lock (_gate) _ledger.Charge(turn.Spec.Flow, cost); }

    /// <summary>What a flow has used.</summary>
    public double Used(FlowId flow) { lock (_gate) return _ledger.Used(flow); }

    private void Start(TurnRun turn)
    {
        _running++;
        if (!turn.Spec.IsBackground) _runningOf[turn.Spec.Flow] = _runningOf.GetValueOrDefault(turn.Spec.Flow) + 1; // it gives way
        _begun += Seconds(turn.Share.StreamSince = _time.GetTimestamp());
    }

    private void Stop(TurnRun turn)
    {
        _running--;
        if (!turn.Spec.IsBackground && --_runningOf[turn.Spec.Flow] == 0) _runningOf.Remove(turn.Spec.Flow);
        _begun = _running == 0 ? 0 : _begun - Seconds(turn.Share.StreamSince);
        turn.Share.Ran += _time.GetElapsedTime(turn.Share.StreamSince);
        _ledger.Leave(turn.Spec.Flow);
    }

    private TimeSpan WaitOf(FlowId flow)
    {
        var flows = _runningOf.Count + (_runningOf.ContainsKey(flow) || _waiting.CountOf(flow) > 0 ? 0 : 1);
        foreach (var other in _waiting.Flows)
            if (!_runningOf.ContainsKey(other)) flows++;
        var running = _running == 0 ? 0 : Seconds(_time.GetTimestamp()) - _begun / _running;
        return _expected.Of(_waiting.CountOf(flow) + _runningOf.GetValueOrDefault(flow), flows, TimeSpan.FromSeconds(Math.Max(0, running)));
    }

    private double Seconds(long timestamp) => timestamp / (double)_time.TimestampFrequency;
}
