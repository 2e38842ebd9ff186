using Samovar.Protocol.Errors;

namespace Samovar.Turns;

/// <summary>What can end a turn before its time, so that its end can be explained: its handle, its caller, its deadline, the
/// node.</summary>
/// <remarks>
/// Where the turn has to end, patience is armed before the token is cancelled: callbacks run in no useful order, and the turn may be over
/// before the last of them. A turn that came to its end by itself needs patience only with a backend that has not let go by then.
/// </remarks>
internal sealed class TurnLife : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TurnOptions _options;
    private readonly CancellationToken _turnCancelled;
    private readonly CancellationToken _nodeStopping;
    private readonly CancellationTokenSource _causes; // its time is the turn's
    private readonly CancellationTokenSource _patience = new(); // never disposed, as below; its time is set where it is needed
    private readonly CancellationTokenSource _token = new(); // never disposed: it has no timer and no link, and may be cancelled late
    private readonly CancellationTokenRegistration _whenCancelled, _whenStopping;
    private readonly TimeProvider _time;
    private ITimer? _limit; // of the patience
    private bool _isStopped, _isOver;
    private volatile bool _isCancelled, _isLeft;

    /// <param name="turnCancelled">The turn's caller is gone.</param>
    public TurnLife(TurnOptions options, TimeProvider time, CancellationToken turnCancelled, CancellationToken nodeStopping)
    {
        (_options, _time, _turnCancelled, _nodeStopping) = (options, time, turnCancelled, nodeStopping);
        Patience = _patience.Token;
        _causes = new(options.DurationMax, time);
        Ends = _causes.Token;
        Ends.UnsafeRegister(static life => ((TurnLife)life!).StopNow(), this);
        _whenCancelled = turnCancelled.UnsafeRegister(static life => ((TurnLife)life!).End(), this);
        _whenStopping = nodeStopping.UnsafeRegister(static life => ((TurnLife)life!).End(), this);
    }

    /// <summary>The turn shall end.</summary>
    public CancellationToken Token => _token.Token;

    /// <summary>Somebody wants the turn to end; not cancelled where it has come to its end by itself.</summary>
    public CancellationToken Ends { get; }

    /// <summary>The backend was asked to stop <see cref="TurnOptions.StopMax"/> ago and has not.</summary>
    public CancellationToken Patience { get; }

    /// <summary>What the cancelled callbacks threw: each of them was called all the same.</summary>
    public AggregateException? StoppedWith { get; private set; }

    public bool IsCancelledByClient => _isCancelled || _turnCancelled.IsCancellationRequested;

    /// <summary>The turn is cancelled by its handle. Safe at any time.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        End();
    }

    /// <summary>The node may no longer end it as it would be. Safe at any time.</summary>
    public void LeaveToOthers()
    {
        _isLeft = true;
        End();
    }

    /// <summary>Asks the backend to stop; never throws.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_isStopped) return;
            _isStopped = true;
        }
        try { _token.Cancel(); }
        catch (AggregateException exception) { StoppedWith = exception; } // thrown on, it would end a timer's thread and the process
    }

    /// <summary>The backend was asked to stop, and has its time for it from now on, if it has not begun before.</summary>
    public void LimitPatience()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _limit ??= _time.CreateTimer(
                static patience => ((CancellationTokenSource)patience!).Cancel(), _patience, _options.StopMax, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What an exception means to the client: once the turn had to end, that is the reason, whatever the backend threw.</summary>
    public ApiException Explain(Exception exception) => exception switch
    {
        _ when IsCancelledByClient => new(Errors.TurnCancelled, [], cause: exception),
        _ when _isLeft || _nodeStopping.IsCancellationRequested => new(Errors.ServerStopping, [], cause: exception),
        _ when Ends.IsCancellationRequested => new(Errors.TurnTimedOut, _options.DurationMax, cause: exception),
        ApiException api => api,
        _ => new(Errors.Internal, [], cause: exception),
    };

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = _isOver = true;
            _limit?.Dispose();
        }
        _whenCancelled.Unregister();
        _whenStopping.Unregister();
        _causes.Dispose();
    }

    private void StopNow()
    {
        LimitPatience();
        Stop();
    }

    private void End()
    {
        try { _causes.Cancel(); }
        catch (ObjectDisposedException) { /* the turn has ended in this very moment */ }
    }
}
