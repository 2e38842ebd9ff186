using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;

namespace Samovar.Running;

/// <summary>Where background turns wait for their places: what was taken in is promised to its client, and never gives way.</summary>
/// <remarks>A place that is given back goes to the tenant that has had fewest.</remarks>
internal sealed class BackgroundLine(BackgroundOptions options)
{
    private readonly Lock _gate = new();
    private readonly FairLedger _ledger = new();
    private readonly SharedPlaces _places = new(options.RunningMax);
    private FairQueue<BackgroundPlace>? _queue;
    private bool _isClosed;

    /// <summary>Turns that wait.</summary>
    public int Waiting { get { lock (_gate) return _queue?.Count ?? 0; } }

    /// <summary>Turns that may wait.</summary>
    public int WaitingMax => options.QueuedMax;

    /// <summary>Turns that have a place.</summary>
    public int Running => _places.Taken;

    private FairQueue<BackgroundPlace> Queue => _queue ??= new(options.QueuedMax, _ledger, mayGiveWay: static _ => false);

    /// <summary>Takes a place, or one in the line.</summary>
    /// <exception cref="ApiException">There is no room to wait, or the server stops.</exception>
    public BackgroundPlace Enter(FlowId flow)
    {
        lock (_gate)
        {
            if (_isClosed) throw new ApiException(Errors.ServerStopping);
            var place = new BackgroundPlace(this, flow);
            if (Queue.CountOf(flow) == 0 && TryTake(flow)) place.Give();
            else if (Queue.CountOf(flow) >= options.QueuedPerTenantMax) throw Full(Errors.RateLimited);
            else if (!Queue.TryEnter(flow, place, out _)) throw Full(Errors.ServerOverloaded);
            return place;
        }
    }

    /// <summary>Nobody comes in any more, and whoever waits is refused.</summary>
    public void Close()
    {
        IReadOnlyList<BackgroundPlace> waiting;
        lock (_gate)
        {
            _isClosed = true;
            waiting = Queue.InTurn;
            foreach (var place in waiting) Queue.Remove(place.Flow, place);
        }
        foreach (var place in waiting) place.Refuse(new ApiException(Errors.ServerRestart));
    }

    /// <summary>The turn is over, or will not wait any longer.</summary>
    internal void Leave(BackgroundPlace place)
    {
        var next = new List<BackgroundPlace>();
        lock (_gate)
        {
            if (!Queue.Remove(place.Flow, place) && place.IsGiven)
            {
                _places.GiveBack(place.Flow);
                _ledger.Leave(place.Flow);
            }
            while (Queue.InTurn.MinBy(waiter => _places.TakenBy(waiter.Flow)) is { } first && TryTake(first.Flow))
            {
                Queue.Remove(first.Flow, first);
                next.Add(first);
            }
        }
        foreach (var first in next) first.Give();
    }

    private bool TryTake(FlowId flow)
    {
        if (!_places.TryTake(flow)) return false;
        _ledger.Enter(flow);
        _ledger.Charge(flow, 1);
        return true;
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
