using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;

namespace Samovar.Running;

/// <summary>Where background turns wait for their places: what was taken in is promised to its client, and never gives way.</summary>
/// <remarks>A place that is given back goes to the tenant that has had fewest.</remarks>
internal sealed class BackgroundLine(BackgroundOptions options)
{
    private readonly Lock _gate = new();
    private readonly PlaceLine<BackgroundPlace> _line =
        new(options.RunningMax, options.QueuedMax, static place => place.Flow, mayGiveWay: static _ => false);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    /// <summary>Turns that wait.</summary>
    public int Waiting { get { lock (_gate) return _line.Waiting; } }

    /// <summary>Turns that may wait.</summary>
    public int WaitingMax => options.QueuedMax;

    /// <summary>Ends when nobody comes in any more: whoever has a place and does not run yet is not to wait on.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Turns that have a place.</summary>
    public int Running => _line.Taken;

    /// <summary>Takes a place, or one in the line.</summary>
    /// <exception cref="ApiException">There is no room to wait, or the server stops.</exception>
    public BackgroundPlace Enter(FlowId flow)
    {
        lock (_gate)
        {
            if (_isClosed) throw new ApiException(Errors.ServerStopping);
            var place = new BackgroundPlace(this, flow);
            if (_line.TryTake(flow)) place.Give();
            else if (_line.WaitingOf(flow) >= options.QueuedPerTenantMax) throw Full(Errors.RateLimited);
            else if (!_line.TryWait(place, out _)) throw Full(Errors.ServerOverloaded);
            return place;
        }
    }

    /// <summary>Nobody comes in any more, and whoever waits is refused.</summary>
    public void Close()
    {
        IReadOnlyList<BackgroundPlace> waiting;
        lock (_gate) (_isClosed, waiting) = (true, _line.Clear());
        foreach (var place in waiting) place.Refuse(new ApiException(Errors.ServerRestart));
        _closed.TrySetResult();
    }

    /// <summary>The turn is over, or will not wait any longer.</summary>
    internal void Leave(BackgroundPlace place)
    {
        lock (_gate) // a place is given and said to be in one step: one that leaves in between would take it along
        {
            if (_line.TryGiveUp(place) || !place.IsGiven) return;
            foreach (var first in _line.GiveBack(place.Flow)) first.Give();
        }
    }

    private ApiException Full(ErrorKind kind) => new(kind, options.RetryAfter, retryAfter: options.RetryAfter);
}

/// <summary>A background turn's place in the line, and then among those that run.</summary>
internal sealed class BackgroundPlace(BackgroundLine line, FlowId flow) : IDisposable
{
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isLeft;

    public FlowId Flow { get; } = flow;

    /// <summary>Ends when the turn may run; faults with <c>ApiException</c> when it never will.</summary>
    public Task Given => _given.Task;
    public bool IsGiven => _given.Task.IsCompletedSuccessfully;

    public void Give() => _given.TrySetResult();

    public void Refuse(ApiException error)
    {
        _given.TrySetException(error);
        _ = _given.Task.Exception; // nobody has to look
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLeft, 1) == 0) line.Leave(this);
    }
}
