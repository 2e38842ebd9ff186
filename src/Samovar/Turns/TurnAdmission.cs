using Samovar.Protocol.Errors;

namespace Samovar.Turns;

/// <summary>The places for running turns: bounded, and closed when the node stops.</summary>
internal sealed class TurnAdmission(TurnOptions options, TurnMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _isClosed;

    /// <summary>Completes when the admission is closed and nothing runs any more.</summary>
    public Task Idle => _idle.Task;

    public int Running { get { lock (_gate) return _running; } }

    /// <summary>Takes a place, or throws.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (_isClosed) throw new ApiException(Errors.ServerStopping);
            if (_running >= options.RunningMax)
                throw new ApiException(Errors.RateLimited, options.RetryAfter.TotalSeconds, retryAfter: options.RetryAfter);
            _running++;
        }
        metrics.Running.Add(1);
    }

    /// <summary>
    /// Gives the place back when <paramref name="backendGone"/> ends: a backend that does not stop keeps its place taken.
    /// </summary>
    public async Task LeaveAsync(Task backendGone)
    {
        await backendGone;
        metrics.Running.Add(-1);
        lock (_gate)
        {
            _running--;
            if (_isClosed && _running == 0) _idle.TrySetResult();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_running == 0) _idle.TrySetResult();
        }
    }
}
