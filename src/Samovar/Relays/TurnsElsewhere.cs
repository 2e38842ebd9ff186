using Samovar.Protocol.Errors;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Counts the turns of clients here that are at other nodes now: those that were sent to their chains' owners, and requests that
/// were passed on as they came. Safe for all threads.</summary>
/// <param name="most">So many at once.</param>
internal sealed class TurnsElsewhere(int most)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;

    public int Running { get; private set; }

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (Running >= most) return false;
            Running++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
            if (--Running == 0) _idle?.TrySetResult();
    }

    /// <summary>What a turn is refused with for which there is no place, here or elsewhere.</summary>
    public static ApiException Full(TurnOptions options) =>
        new(Errors.ServerOverloaded, options.RetryAfter, retryAfter: options.RetryAfter);

    /// <summary>Waits until there are none, or until it is too late. No others come meanwhile: this node drains.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        Task idle;
        lock (_gate)
        {
            if (Running == 0) return;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }
        try { await idle.WaitAsync(deadline); }
        catch (OperationCanceledException)
        {
            // it is too late
        }
    }
}
