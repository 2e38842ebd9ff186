using Samovar.Protocol.Errors;

namespace Samovar.Server.Draining;

/// <summary>Counts the turns that run, and closes when the server is to stop: no new turns, then, at a deadline, no turns at all.</summary>
internal sealed class TurnGate : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    public bool IsDraining { get; private set; }
    public int Running => Volatile.Read(ref _running);

    /// <summary>Cancelled when what still runs must end and sockets close.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Counts a turn until <see cref="Leave"/>.</summary>
    /// <exception cref="ApiException">The server is shutting down.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (IsDraining) throw new ApiException(Errors.ShuttingDown, null, retryAfter: TimeSpan.FromSeconds(1));
            _running++;
        }
    }

    public void Leave()
    {
        lock (_lock)
            if (--_running == 0 && IsDraining) _empty.TrySetResult();
    }

    /// <summary>Refuses new turns, waits for the running ones, then closes.</summary>
    /// <returns>Turns that were still running at the deadline.</returns>
    public async Task<int> DrainAsync(TimeSpan timeMax, TimeProvider time)
    {
        lock (_lock)
        {
            IsDraining = true;
            if (_running == 0) _empty.TrySetResult();
        }
        try { await _empty.Task.WaitAsync(timeMax, time); }
        catch (TimeoutException) { /* the deadline: what still runs is cut */ }
        var cut = Running;
        await _closing.CancelAsync();
        return cut;
    }

    public void Dispose() => _closing.Dispose();
}
