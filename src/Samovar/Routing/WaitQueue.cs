using Samovar.Backends.Upstream.Destinations;

namespace Samovar.Routing;

/// <summary>
/// Finds each turn a place, and lets it wait for one where a pool is at its limits: bounded in number and time, the tenants in turn, each
/// tenant's turns in their order. Safe for all threads.
/// </summary>
/// <remarks>
/// Whoever waits cannot be placed as things are; so they are tried again whenever something got looser (a place was given back, a
/// destination is fit again, the pools are others) and when the time comes at which a refusal ends by itself. A turn whose chain is held by
/// a destination that is only busy waits for that one alone at first, and for any after <c>OwnerWaitMax</c>. A turn that cannot find a
/// place within its time is refused at once.
/// </remarks>
internal sealed class WaitQueue : IDisposable
{
    private static readonly TimeSpan TimerMin = TimeSpan.FromMilliseconds(1);
    private readonly Lock _lock = new();
    private readonly WaitingLines _lines = new();
    private readonly Pools _pools;
    private readonly DestinationChoice _choice;
    private readonly WaitMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile int _count;

    public WaitQueue(Pools pools, DestinationChoice choice, WaitMetrics metrics, TimeProvider time)
    {
        (_pools, _choice, _metrics, _time) = (pools, choice, metrics, time);
        _timer = time.CreateTimer(_ => TryAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        pools.OnLoosened(TryAll);
    }

    /// <summary>Turns that wait now.</summary>
    public int Count => _count;

    /// <summary>Those of them that wait for a pool.</summary>
    public int CountOf(Pool pool) { lock (_lock) return _lines.CountOf(pool.Name); }

    /// <summary>The turn's place, after a wait if it may wait; or why there is none.</summary>
    public async ValueTask<DestinationRoute> RouteAsync(RouteWish wish, Pool pool, bool mayWait, CancellationToken turnCancelled)
    {
        mayWait &= pool.QueueMax > 0;
        if (!mayWait) return _choice.Choose(pool, wish, awaitsOwner: false);
        if (_count == 0) // who comes later does not overtake those who wait
        {
            var route = _choice.Choose(pool, wish, awaitsOwner: pool.OwnerWaitMax > TimeSpan.Zero);
            if (route is DestinationRoute.To or DestinationRoute.MakerGone) return route;
            if (route is DestinationRoute.Nowhere nowhere && !nowhere.MayEndWithin(pool.QueueWaitMax)) return route;
        }
        return await WaitAsync(wish, pool, turnCancelled);
    }

    public void Dispose() => _timer.Dispose();

    private async ValueTask<DestinationRoute> WaitAsync(RouteWish wish, Pool pool, CancellationToken turnCancelled)
    {
        var now = _time.GetUtcNow();
        var waiter = new RouteWaiter(wish, pool.Name, now + pool.QueueWaitMax, now + pool.OwnerWaitMax);
        if (!TryEnter(waiter, pool.QueueMax))
        {
            _metrics.Waited(pool.Name, "full", TimeSpan.Zero);
            return _choice.Choose(pool, wish, awaitsOwner: false); // others may wait for what it does not need
        }
        var outcome = "cancelled";
        await using var registration = turnCancelled.UnsafeRegister((_, token) => Leave(waiter, token), null);
        try
        {
            TryAll();
            var route = await waiter.Answer.Task; // not with the token: a place that was given must be received
            outcome = route is DestinationRoute.To ? "placed" : "refused";
            return route;
        }
        finally
        {
            var waited = _time.GetUtcNow() - now;
            wish.Turn.Report.Queued = (wish.Turn.Report.Queued ?? TimeSpan.Zero) + waited;
            _metrics.Waited(pool.Name, outcome, waited);
        }
    }

    private bool TryEnter(RouteWaiter waiter, int queueMax)
    {
        lock (_lock)
        {
            if (_lines.CountOf(waiter.Pool) >= queueMax) return false;
            _lines.Add(waiter);
            _count = _lines.Count;
        }
        _metrics.Waiting(waiter.Pool, 1);
        return true;
    }

    private void Leave(RouteWaiter waiter, CancellationToken turnCancelled)
    {
        lock (_lock)
        {
            if (TryRemove(waiter)) waiter.Answer.SetCanceled(turnCancelled);
        }
    }

    private bool TryRemove(RouteWaiter waiter)
    {
        if (!_lines.Remove(waiter)) return false;
        _count = _lines.Count;
        _metrics.Waiting(waiter.Pool, -1);
        return true;
    }

    private void End(RouteWaiter waiter, DestinationRoute route)
    {
        if (TryRemove(waiter)) waiter.Answer.SetResult(route);
    }

    private void TryAll()
    {
        // A place that is given back is seen here, or its giver sees who waits: both go through the destination's lock.
        if (_count == 0) return;
        lock (_lock)
        {
            var round = new WaitRound(_pools.Current, _choice, _time.GetUtcNow());
            while (round.Next(_lines.InTurn) is var (waiter, route))
            {
                End(waiter, route);
                if (route is DestinationRoute.To) _lines.Served(waiter.Tenant);
            }
            var next = round.UntilNext(_lines.InTurn);
            _timer.Change(next is null ? Timeout.InfiniteTimeSpan : next > TimerMin ? next.Value : TimerMin, Timeout.InfiniteTimeSpan);
        }
    }
}
