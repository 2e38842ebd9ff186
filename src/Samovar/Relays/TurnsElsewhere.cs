using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Counts the turns of clients here that are at other nodes now: those that were sent to their chains' owners, and requests that
/// were passed on as they came. Flows share the places. Safe for all threads.</summary>
/// <param name="most">So many at once.</param>
internal sealed class TurnsElsewhere(int most, TurnOptions turns)
{
    private readonly SharedPlaces _places = new(most);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;

    public int Running => _places.Taken;

    /// <summary>False where all places are taken, or the flow has its share of those that are left.</summary>
    public bool TryEnter(FlowId flow) => _places.TryTake(flow);

    public void Leave(FlowId flow)
    {
        lock (_gate)
            if (_places.GiveBack(flow) == 0) _idle?.TrySetResult();
    }

    /// <summary>What is said where there is no place now.</summary>
    public ApiException Full() => Full(turns);

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
