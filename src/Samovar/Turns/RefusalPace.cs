using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;

namespace Samovar.Turns;

/// <summary>
/// Holds back the refusals of a flow that asks again at once, so that asking costs it time and the node nearly nothing. Safe for all
/// threads.
/// </summary>
/// <remarks>
/// A refused request costs as much reading and checking as one that is served: a client that retries without waiting, and many do, would
/// take the processor from those who are served. A flow's first refusals of a <see cref="TurnOptions.RefusalHoldMax"/> are answered at
/// once; those behind them when it is over. Beyond <see cref="TurnOptions.RefusalsHeldMax"/> nobody is held.
/// </remarks>
internal sealed class RefusalPace(TurnOptions options, TimeProvider time)
{
    private const int FlowsMax = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<FlowId, (long Began, int Count)> _flows = [];
    private int _held;

    /// <summary>Refusals that are held back now.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Whether it is a refusal that may be held back.</summary>
    public static bool IsPaced(Exception exception) =>
        exception is ApiException error
        && (error.Kind == Errors.ServerOverloaded || error.Kind == Errors.RateLimited || error.Kind == Errors.StoreUnavailable
            || error.Kind == Errors.ModelLoading || error.Kind == Errors.QuotaReached || error.Kind == Errors.QuotaReachedOnSocket);

    /// <summary>Ends when the refusal may be answered; at once for any other error.</summary>
    /// <param name="flow">Who is refused.</param>
    /// <param name="error">With what.</param>
    /// <param name="turnCancelled">Nobody waits for the answer any more.</param>
    public async Task WaitAsync(FlowId flow, ApiException error, CancellationToken turnCancelled)
    {
        if (!IsPaced(error)) return;
        if (HoldFor(flow) is not { Ticks: > 0 } hold) return;
        try
        {
            if (Interlocked.Increment(ref _held) <= options.RefusalsHeldMax) await Task.Delay(hold, time, turnCancelled);
        }
        catch (OperationCanceledException)
        {
            // it is answered now, if anyone still listens
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    private TimeSpan HoldFor(FlowId flow)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!_flows.TryGetValue(flow, out var seen) || time.GetElapsedTime(seen.Began, now) >= options.RefusalHoldMax)
            {
                if (_flows.Count >= FlowsMax) Forget(now);
                seen = (now, 0);
            }
            _flows[flow] = seen = (seen.Began, seen.Count + 1);
            return seen.Count <= options.RefusalsAtOnceMax
                ? TimeSpan.Zero : options.RefusalHoldMax - time.GetElapsedTime(seen.Began, now);
        }
    }

    private void Forget(long now)
    {
        foreach (var (flow, seen) in _flows)
            if (time.GetElapsedTime(seen.Began, now) >= options.RefusalHoldMax) _flows.Remove(flow);
        if (_flows.Count >= FlowsMax) _flows.Clear();
    }
}
