using Samovar.Protocol.Errors;

namespace Samovar.Turns;

/// <summary>What can end a turn before its time, each a source of its own so that its end can be explained.</summary>
/// <remarks>
/// Patience is armed before the token is cancelled: callbacks run in no useful order, and the turn may be over before the last of them.
/// </remarks>
internal sealed class TurnLife : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TurnOptions _options;
    private readonly CancellationToken _client;
    private readonly CancellationToken _turnCancelled;
    private readonly CancellationToken _nodeStopping;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _causes;
    private readonly CancellationTokenSource _patience;
    private readonly CancellationTokenSource _token = new(); // never disposed: it has no timer and no link, and may be cancelled late
    private bool _isOver;

    /// <param name="client">The turn was cancelled by its handle.</param>
    /// <param name="turnCancelled">Whoever asked for the turn is gone.</param>
    public TurnLife(
        TurnOptions options, TimeProvider time, CancellationToken client, CancellationToken turnCancelled, CancellationToken nodeStopping)
    {
        (_options, _client, _turnCancelled, _nodeStopping) = (options, client, turnCancelled, nodeStopping);
        _patience = new(Timeout.InfiniteTimeSpan, time);
        Patience = _patience.Token;
        _deadline = new(options.DurationMax, time);
        _causes = CancellationTokenSource.CreateLinkedTokenSource([client, turnCancelled, nodeStopping, _deadline.Token]);
        Ends = _causes.Token;
        Ends.Register(Stop);
    }

    /// <summary>The turn shall end.</summary>
    public CancellationToken Token => _token.Token;

    /// <summary>Somebody wants the turn to end; not cancelled where it has come to its end by itself.</summary>
    public CancellationToken Ends { get; }

    /// <summary>The backend was told to stop <see cref="TurnOptions.StopMax"/> ago and has not.</summary>
    public CancellationToken Patience { get; }

    /// <summary>What those threw who were told to stop: all of them were told all the same.</summary>
    public AggregateException? StoppedWith { get; private set; }

    public bool IsCancelledByClient => _client.IsCancellationRequested || _turnCancelled.IsCancellationRequested;

    /// <summary>Tells the backend to stop; never throws.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _isOver = true;
            _patience.CancelAfter(_options.StopMax);
        }
        try { _token.Cancel(); }
        catch (AggregateException exception) { StoppedWith = exception; } // thrown on, it would end a timer's thread and the process
    }

    /// <summary>What an exception means to the client: once the turn had to end, that is the reason, whatever the backend threw.</summary>
    public ApiException Explain(Exception exception) => exception switch
    {
        _ when IsCancelledByClient => new(Errors.TurnCancelled, [], cause: exception),
        _ when _deadline.IsCancellationRequested => new(Errors.TurnTimedOut, _options.DurationMax.TotalSeconds, cause: exception),
        _ when _nodeStopping.IsCancellationRequested => new(Errors.ServerStopping, [], cause: exception),
        ApiException api => api,
        _ => new(Errors.Internal, [], cause: exception),
    };

    public void Dispose()
    {
        lock (_gate) _isOver = true;
        _causes.Dispose();
        _deadline.Dispose();
        _patience.Dispose();
    }
}
