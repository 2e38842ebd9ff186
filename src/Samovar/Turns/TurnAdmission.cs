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
    private readonly PlaceLine<Waiter> _line;
    private readonly TurnOptions _options;
    private readonly TimeProvider _time;
    private bool _isClosed;

    public TurnAdmission(TurnOptions options, TurnMetrics metrics, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _line = new(options.RunningMax, Math.Max(1, options.QueueMax), static waiter => waiter.Flow);
        metrics.Watch(() => Running, () => Waiting);
    }

    /// <summary>Completes when the admission is closed and nothing runs any more.</summary>
    public Task Idle => _idle.Task;

    public int Running => _line.Taken;

    /// <summary>Turns that wait for a place.</summary>
    public int Waiting { get { lock (_gate) return _line.Waiting; } }

    /// <summary>Takes a place, or throws; after a wait where none is there.</summary>
    /// <returns>How long it waited.</returns>
    public async ValueTask<TimeSpan> EnterAsync(FlowId flow, CancellationToken turnEnds)
    {
        Waiter waiter;
        Waiter? gaveWay;
        lock (_gate)
        {
            if (_isClosed) throw new ApiException(Errors.ServerStopping);
            if (_line.TryTake(flow)) return TimeSpan.Zero;
            waiter = new Waiter(flow);
            gaveWay = null;
            if (_options.QueueMax == 0 || !_line.TryWait(waiter, out gaveWay)) throw Full();
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
            IReadOnlyList<Waiter> placed;
            lock (_gate)
            {
                placed = _line.GiveBack(flow);
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
            (_isClosed, waiting) = (true, _line.Clear());
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
        lock (_gate) return _line.TryGiveUp(waiter);
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
