using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;

namespace Samovar.Turns;

/// <summary>The places for running turns: bounded, shared among the flows, and closed when the node stops.</summary>
/// <remarks>
/// A flow that floods leaves a part of the places open (<see cref="SharedPlaces"/>), so that others find one at once. Who finds none waits,
/// for a time that is bounded; a place that is given back goes to the flow that holds fewest, and where the line is full the longest one
/// gives way.
/// </remarks>
internal sealed class TurnAdmission
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FairLedger _ledger = new();
    private readonly FairQueue<Waiter> _waiting;
    private readonly SharedPlaces _places;
    private readonly TurnOptions _options;
    private readonly TimeProvider _time;
    private bool _isClosed;

    public TurnAdmission(TurnOptions options, TurnMetrics metrics, TimeProvider time)
    {
        (_options, _time, _places, _waiting) = (options, time, new(options.RunningMax), new(Math.Max(1, options.QueueMax), _ledger));
        metrics.Watch(() => Running, () => Waiting);
    }

    /// <summary>Completes when the admission is closed and nothing runs any more.</summary>
    public Task Idle => _idle.Task;

    public int Running => _places.Taken;

    /// <summary>Turns that wait for a place.</summary>
    public int Waiting { get { lock (_gate) return _waiting.Count; } }

    /// <summary>Takes a place, or throws; after a wait where none is there.</summary>
    /// <returns>How long it waited.</returns>
    public async ValueTask<TimeSpan> EnterAsync(FlowId flow, CancellationToken turnEnds)
    {
        Waiter waiter;
        Waiter? gaveWay;
        lock (_gate)
        {
            if (_isClosed) throw new ApiException(Errors.ServerStopping);
            if (_waiting.CountOf(flow) == 0 && TryTake(flow)) return TimeSpan.Zero;
            waiter = new Waiter(flow);
            gaveWay = null;
            if (_options.QueueMax == 0 || !_waiting.TryEnter(flow, waiter, out gaveWay)) throw Full();
        }
        gaveWay?.Placed.TrySetException(Full());
        return await WaitAsync(waiter, turnEnds);
    }

    /// <summary>
    /// Gives the place back when <paramref name="backendGone"/> ends: a backend that does not stop keeps its place taken.
    /// </summary>
    public async Task LeaveAsync(FlowId flow, Task backendGone)
    {
        try
        {
            await backendGone;
        }
        finally
        {
            List<Waiter> placed;
            lock (_gate)
            {
                _places.GiveBack(flow);
                _ledger.Leave(flow);
                placed = PlaceWaiting();
                if (_isClosed && Running == 0) _idle.TrySetResult();
            }
            foreach (var waiter in placed) waiter.Placed.TrySetResult();
        }
    }

    /// <summary>Nobody comes in any more, and nobody waits.</summary>
    public void Close()
    {
        IReadOnlyList<Waiter> waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = _waiting.InTurn;
            foreach (var waiter in waiting) _waiting.Remove(waiter.Flow, waiter);
            if (Running == 0) _idle.TrySetResult();
        }
        foreach (var waiter in waiting) waiter.Placed.TrySetException(new ApiException(Errors.ServerStopping));
    }

    private async ValueTask<TimeSpan> WaitAsync(Waiter waiter, CancellationToken turnEnds)
    {
        var since = _time.GetTimestamp();
        try
        {
            await waiter.Placed.Task.WaitAsync(_options.QueueWaitMax, _time, turnEnds);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (TryGiveUp(waiter)) throw exception is TimeoutException ? Full() : exception;
            await waiter.Placed.Task; // its place came in the same moment, or it was refused
        }
        return _time.GetElapsedTime(since);
    }

    private bool TryGiveUp(Waiter waiter)
    {
        lock (_gate) return _waiting.Remove(waiter.Flow, waiter);
    }

    /// <summary>Under the gate. The flow that holds fewest comes first; if that one may not have a place, none may.</summary>
    private List<Waiter> PlaceWaiting()
    {
        if (_waiting.Count == 0) return [];
        var placed = new List<Waiter>();
        while (_waiting.InTurn.MinBy(waiter => _places.TakenBy(waiter.Flow)) is { } next && TryTake(next.Flow))
        {
            _waiting.Remove(next.Flow, next);
            placed.Add(next);
        }
        return placed;
    }

    private bool TryTake(FlowId flow)
    {
        if (!_places.TryTake(flow)) return false;
        _ledger.Enter(flow);
        _ledger.Charge(flow, 1);
        return true;
    }

    /// <summary>Not a 429: agents take that as final, and this is over in a moment.</summary>
    private ApiException Full() => new(Errors.ServerOverloaded, [_options.RetryAfter], retryAfter: _options.RetryAfter);

    /// <summary>A turn that waits for its place.</summary>
    private sealed class Waiter(FlowId flow)
    {
        public FlowId Flow { get; } = flow;
        public TaskCompletionSource Placed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
