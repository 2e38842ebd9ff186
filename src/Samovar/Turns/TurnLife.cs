using Samovar.Protocol.Errors;

namespace Samovar.Turns;

/// <summary>What can end a turn before its time, each a source of its own so that its end can be explained.</summary>
internal sealed class TurnLife : IDisposable
{
    private readonly TurnOptions _options;
    private readonly CancellationToken _client;
    private readonly CancellationToken _turnCancelled;
    private readonly CancellationToken _nodeStopping;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationTokenSource _patience;

    /// <param name="client">The turn was cancelled by its handle.</param>
    /// <param name="turnCancelled">Whoever asked for the turn is gone.</param>
    public TurnLife(
        TurnOptions options, TimeProvider time, CancellationToken client, CancellationToken turnCancelled, CancellationToken nodeStopping)
    {
        (_options, _client, _turnCancelled, _nodeStopping) = (options, client, turnCancelled, nodeStopping);
        _deadline = new(options.DurationMax, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource([client, turnCancelled, nodeStopping, _deadline.Token]);
        _patience = new(Timeout.InfiniteTimeSpan, time);
        _linked.Token.Register(() => _patience.CancelAfter(options.StopMax));
    }

    /// <summary>The turn shall end.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>The backend was told to stop <see cref="TurnOptions.StopMax"/> ago and has not.</summary>
    public CancellationToken Patience => _patience.Token;

    /// <summary>Tells the backend to stop, for a reason of the turn's own.</summary>
    public void Stop() => _linked.Cancel();

    public bool IsCancelledByClient => _client.IsCancellationRequested || _turnCancelled.IsCancellationRequested;

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
        _linked.Dispose();
        _deadline.Dispose();
        _patience.Dispose();
    }
}
