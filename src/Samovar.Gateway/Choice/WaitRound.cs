using System.Diagnostics;
using Samovar.Gateway.Destinations;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Choice;

/// <summary>One look at everybody who waits for a pool: each is tried once at most, and turns of one kind together.</summary>
/// <param name="pool">The pool as it is now; null where the configuration has it no longer.</param>
internal sealed class WaitRound(Pool? pool, DestinationChoice choice, DateTimeOffset now)
{
    private readonly HashSet<RouteWaiter> _tried = [];
    private readonly Dictionary<string, DestinationRoute.Nowhere> _full = new(StringComparer.Ordinal); // for everybody, by models
    private readonly Dictionary<(FlowId Flow, string Model), DestinationRoute.Nowhere> _shared = []; // for a flow that has its share

    /// <summary>The next one whose wait is over, with its answer; null when all others go on waiting.</summary>
    public WaitEnd? Next(IReadOnlyList<RouteWaiter> waiters)
    {
        foreach (var waiter in waiters)
            if (_tried.Add(waiter) && EndOf(waiter) is { } end) return end;
        return null;
    }

    /// <summary>When somebody's state may change without anybody doing anything.</summary>
    public TimeSpan? UntilNext(IReadOnlyCollection<RouteWaiter> waiters)
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

    private static (FlowId Flow, string Model) KeyOf(RouteWaiter waiter) => (waiter.Flow, waiter.Wanted.Model);

    private void Note(RouteWaiter waiter, DestinationRoute.Nowhere refused)
    {
        if (refused.Refusals.Any(refusal => refusal.IsOfFlow)) _shared[KeyOf(waiter)] = refused;
        else _full[waiter.Wanted.Model] = refused;
    }

    private WaitEnd? EndOf(RouteWaiter waiter)
    {
        try { return AnswerFor(waiter) is { } answer ? new WaitEnd.Answered(waiter, answer) : null; }
        catch (Exception exception) { return new WaitEnd.Broke(waiter, exception); } // the turn: the others are placed all the same
    }

    private DestinationRoute? AnswerFor(RouteWaiter waiter)
    {
        if (pool is null) return new DestinationRoute.Nowhere([]);
        var isOfAKind = waiter.Wanted is { Excluded.Count: 0, BoundTo: null, IsSealed: false };
        if (!isOfAKind || (_full.GetValueOrDefault(waiter.Wanted.Model) ?? _shared.GetValueOrDefault(KeyOf(waiter))) is not { } refused)
        {
            var route = choice.Choose(pool, waiter.Wanted, awaitsOwner: now < waiter.OwnerDeadline);
            if (route is DestinationRoute.To or DestinationRoute.MakerGone) return route;
            refused = route switch
            {
                DestinationRoute.Nowhere nowhere => nowhere,
                DestinationRoute.OwnerBusy busy => new DestinationRoute.Nowhere([busy.Refusal]),
                DestinationRoute.Asking asking => asking.Unanswered, // the answer wakes it
                _ => throw new UnreachableException(),
            };
            if (route is DestinationRoute.Nowhere && isOfAKind) Note(waiter, refused);
        }
        waiter.Refused = refused;
        var left = waiter.Deadline - now;
        return left > TimeSpan.Zero && refused.MayEndWithin(left) ? null : refused;
    }
}

/// <summary>How a wait is over.</summary>
internal abstract record WaitEnd(RouteWaiter Waiter)
{
    /// <summary>It has its place, or learns why it gets none.</summary>
    public sealed record Answered(RouteWaiter Waiter, DestinationRoute Route) : WaitEnd(Waiter);

    /// <summary>Looking for its place broke.</summary>
    public sealed record Broke(RouteWaiter Waiter, Exception Exception) : WaitEnd(Waiter);
}
