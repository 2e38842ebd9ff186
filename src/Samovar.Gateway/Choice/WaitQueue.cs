using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Metering;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Finds each turn a place, and lets it wait for one where a pool is at its limits: bounded in number and time, the flows in turn by what
/// they hold and have got (<see cref="PoolLine"/>), each flow's turns in their order. Safe for all threads.
/// </summary>
/// <remarks>
/// Waiting turns cannot be placed as things are; they are tried again whenever something changes (a place was given back, a
/// destination is fit again, the pools are others) and when the time comes at which a refusal ends by itself. A turn whose chain is held by
/// a destination that is only busy waits for that one alone at first, and for any after <c>OwnerWaitMax</c>. A turn that cannot find a
/// place within its time is refused at once.
/// </remarks>
internal sealed partial class WaitQueue : IDisposable
{
    private const int AsksMax = 8; // of one turn: others may take what the answer brought
    private static readonly TimeSpan TimerMin = TimeSpan.FromMilliseconds(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PoolLine> _lines = new(StringComparer.Ordinal); // by the pools' names
    private readonly PoolTable _pools;
    private readonly DestinationChoice _choice;
    private readonly WaitMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<WaitQueue> _logger;
    private readonly ITimer _timer;
    private volatile int _count;

    public WaitQueue(PoolTable pools, DestinationChoice choice, WaitMetrics metrics, TimeProvider time, ILogger<WaitQueue> logger)
    {
        (_pools, _choice, _metrics, _time, _logger) = (pools, choice, metrics, time, logger);
        _timer = time.CreateTimer(_ => TryAll(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics.Watch(() => [.. pools.Current.Select(pool => (pool.Name, CountOf(pool)))]);
        pools.OnLoosened(TryAll);
    }

    /// <summary>Turns that wait now.</summary>
    public int Count => _count;

    /// <summary>Those of them that wait for a pool.</summary>
    public int CountOf(Pool pool) { lock (_lock) return _lines.GetValueOrDefault(pool.Name)?.Count ?? 0; }

    /// <summary>The turn's place, after a wait if it may wait; or why it gets none.</summary>
    public async ValueTask<DestinationRoute> RouteAsync(RouteRequest wanted, Pool pool, bool mayWait, CancellationToken turnCancelled)
    {
        mayWait &= pool.QueueMax > 0;
        for (var asks = 0; !mayWait || CountOf(pool) == 0; asks++) // who comes later does not overtake those who wait
        {
            var route = Choose(pool, wanted, awaitsOwner: mayWait && pool.OwnerWaitMax > TimeSpan.Zero);
            if (route is DestinationRoute.Asking asking)
            {
                if (asks < AsksMax)
                {
                    await asking.Answer.WaitAsync(turnCancelled);
                    continue;
                }
                route = asking.Unanswered;
            }
            if (!mayWait || route is DestinationRoute.To or DestinationRoute.MakerGone) return route;
            if (route is DestinationRoute.Nowhere nowhere && !nowhere.MayEndWithin(pool.QueueWaitMax - wanted.Waited)) return route;
            break;
        }
        return await WaitAsync(wanted, pool, turnCancelled);
    }

    public void Dispose() => _timer.Dispose();

    private async ValueTask<DestinationRoute> WaitAsync(RouteRequest wanted, Pool pool, CancellationToken turnCancelled)
    {
        var now = _time.GetUtcNow();
        var waiter = new RouteWaiter(wanted, pool.Name, now + pool.QueueWaitMax - wanted.Waited, now + pool.OwnerWaitMax);
        if (!TryEnter(waiter, pool))
        {
            _metrics.Waited(pool.Name, "full", TimeSpan.Zero);
            var route = Choose(pool, wanted, awaitsOwner: false); // others may wait for what it does not need
            return (route as DestinationRoute.Asking)?.Unanswered ?? route;
        }
        var outcome = "cancelled";
        await using var registration = turnCancelled.UnsafeRegister((_, token) => GiveUp(waiter, token), null);
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
            wanted.Turn.Report.Queued = (wanted.Turn.Report.Queued ?? TimeSpan.Zero) + waited;
            _metrics.Waited(pool.Name, outcome, waited);
        }
    }

    private DestinationRoute Choose(Pool pool, RouteRequest wanted, bool awaitsOwner)
    {
        if (pool is not { IsLimited: true, OpenPart: > 0 }) return ChooseNow(pool, wanted, awaitsOwner);
        lock (_lock) return ChooseNow(pool, wanted, awaitsOwner); // no two turns may take the last place of their flow's share
    }

    private DestinationRoute ChooseNow(Pool pool, RouteRequest wanted, bool awaitsOwner)
    {
        var route = _choice.Choose(pool, wanted, awaitsOwner);
        if (route is not DestinationRoute.To to) return route;
        lock (_lock) return Counted(LineOf(pool.Name), pool.Name, wanted.Turn.Flow, to);
    }

    private bool TryEnter(RouteWaiter waiter, Pool pool)
    {
        lock (_lock)
        {
            if (!LineOf(pool.Name).TryEnter(waiter, pool.QueueMax, out var gaveWay)) return false;
            _count = _lines.Values.Sum(line => line.Count);
            // Its place is taken, not its chance: it may not need what the others wait for.
            if (gaveWay is not null) End(new WaitRound(pool, _choice, DateTimeOffset.MaxValue).Next([gaveWay])!);
            return true;
        }
    }

    private void GiveUp(RouteWaiter waiter, CancellationToken turnCancelled)
    {
        lock (_lock)
        {
            if (TryRemove(waiter)) waiter.Answer.TrySetCanceled(turnCancelled);
        }
    }

    private bool TryRemove(RouteWaiter waiter)
    {
        if (!_lines.TryGetValue(waiter.Pool, out var line) || !line.Remove(waiter)) return false;
        _count = _lines.Values.Sum(each => each.Count);
        Forget(waiter.Pool, line);
        return true;
    }

    /// <summary>Notifies one who waits, or has just given way, how its wait ended.</summary>
    private void End(WaitEnd end)
    {
        var waiter = end.Waiter;
        switch (end)
        {
            case WaitEnd.Answered { Route: DestinationRoute.To to }: // counted before it leaves: the ledger remembers its flow
                waiter.Answer.TrySetResult(Counted(LineOf(waiter.Pool), waiter.Pool, waiter.Flow, to));
                break;
            case WaitEnd.Answered answered: waiter.Answer.TrySetResult(answered.Route); break;
            case WaitEnd.Broke broke: waiter.Answer.TrySetException(broke.Exception); break;
        }
        TryRemove(waiter);
    }

    /// <summary>Never throws: it runs on timers' threads and while turns end.</summary>
    private void TryAll()
    {
        // A place that is given back is seen here, or its giver sees who waits: both go through the destination's lock.
        if (_count == 0) return;
        try
        {
            lock (_lock) TryLines();
        }
        catch (Exception exception) // the round: those who wait are tried again, at their deadlines at the latest
        {
            _timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            GuardedLog.Write(() => Log.RoundBroke(_logger, exception));
        }
    }

    private void TryLines()
    {
        TimeSpan? next = null;
        var pools = _pools.Current;
        foreach (var (name, line) in _lines.Where(line => line.Value.Count > 0).ToList())
        {
            var round = new WaitRound(pools.FirstOrDefault(pool => pool.Name == name), _choice, _time.GetUtcNow());
            var inTurn = line.InTurn;
            while (round.Next(inTurn) is { } end)
            {
                End(end);
                if (end is WaitEnd.Answered { Route: DestinationRoute.To }) inTurn = line.InTurn; // its flow holds more now
            }
            if (round.UntilNext(line.Waiting) is { } until && (next is null || until < next)) next = until;
        }
        _timer.Change(next is null ? Timeout.InfiniteTimeSpan : next > TimerMin ? next.Value : TimerMin, Timeout.InfiniteTimeSpan);
    }

    private PoolLine LineOf(string pool)
    {
        if (!_lines.TryGetValue(pool, out var line)) _lines[pool] = line = new PoolLine();
        return line;
    }

    private void Forget(string pool, PoolLine line)
    {
        if (line.IsIdle) _lines.Remove(pool);
    }

    private DestinationRoute.To Counted(PoolLine line, string pool, FlowId flow, DestinationRoute.To to)
    {
        line.Take(flow);
        to.Place.OnLeaving(() => GiveBack(pool, flow));
        return to;
    }

    private void GiveBack(string pool, FlowId flow)
    {
        lock (_lock)
        {
            var line = _lines[pool];
            line.GiveBack(flow);
            Forget(pool, line);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "Waiting turns could not be retried; the next try is in a second")]
        public static partial void RoundBroke(ILogger logger, Exception exception);
    }
}
