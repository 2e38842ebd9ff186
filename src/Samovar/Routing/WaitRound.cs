using Samovar.Backends.Upstream.Destinations;

namespace Samovar.Routing;

/// <summary>One look at everybody who waits: each is tried once at most, and turns of one kind together.</summary>
internal sealed class WaitRound(IReadOnlyList<Pool> pools, DestinationChoice choice, DateTimeOffset now)
{
    private readonly HashSet<RouteWaiter> _tried = [];
    private readonly Dictionary<(string Pool, string Model), DestinationRoute.Nowhere> _full = [];

    /// <summary>The next one whose wait is over, with its answer; null when all others go on waiting.</summary>
    public (RouteWaiter Waiter, DestinationRoute Answer)? Next(IEnumerable<RouteWaiter> waiters)
    {
        foreach (var waiter in waiters)
            if (_tried.Add(waiter) && AnswerFor(waiter) is { } answer) return (waiter, answer);
        return null;
    }

    /// <summary>When somebody's state may change without anybody doing anything.</summary>
    public TimeSpan? UntilNext(IEnumerable<RouteWaiter> waiters)
    {
        TimeSpan? next = null;
        foreach (var waiter in waiters)
        {
            Until(waiter.Deadline - now);
            if (waiter.OwnerDeadline > now) Until(waiter.OwnerDeadline - now);
            if (waiter.Refused.NextEnd is { } end) Until(end);
        }
        return next;

        void Until(TimeSpan time) => next = next is null || time < next ? time : next;
    }

    private DestinationRoute? AnswerFor(RouteWaiter waiter)
    {
        if (pools.FirstOrDefault(pool => pool.Name == waiter.Pool) is not { } pool) return new DestinationRoute.Nowhere([]);
        var kind = (waiter.Pool, waiter.Wish.Model);
        var isOfAKind = waiter.Wish is { Excluded.Count: 0, BoundTo: null };
        if (!isOfAKind || !_full.TryGetValue(kind, out var refused))
        {
            var route = choice.Choose(pool, waiter.Wish, awaitsOwner: now < waiter.OwnerDeadline);
            if (route is DestinationRoute.To or DestinationRoute.MakerGone) return route;
            refused = route as DestinationRoute.Nowhere ?? new DestinationRoute.Nowhere([((DestinationRoute.OwnerBusy)route).Refusal]);
            if (route is DestinationRoute.Nowhere && isOfAKind) _full[kind] = refused;
        }
        waiter.Refused = refused;
        var left = waiter.Deadline - now;
        return left > TimeSpan.Zero && refused.MayEndWithin(left) ? null : refused;
    }
}
