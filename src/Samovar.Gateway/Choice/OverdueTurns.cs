using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Turns that wait for their first event for longer than usual: which destinations keep them, and giving those up that may go elsewhere.
/// </summary>
/// <remarks>
/// New turns go elsewhere as soon as one is overdue. The turn itself is given up after twice that, where it waits for the first time (what
/// went up may run on there, and is billed: once is enough), nothing at all came, and another destination could take it now. A health
/// probe's answer, or the first event of any other turn, says that the destination is alive: then the turn waits on. One that is not heard
/// of again is tried with one turn now and then.
/// </remarks>
internal sealed class OverdueTurns : IDisposable
{
    private const int MovesAfter = 2;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly PoolTable _pools;
    private readonly bool _moves;
    private readonly ITimer _timer;

    public OverdueTurns(PoolTable pools, UpstreamOptions options, TimeProvider time)
    {
        (_pools, _moves) = (pools, options.OverdueMoves);
        _timer = time.CreateTimer(_ => Look(), null, Every, Every);
    }

    /// <summary>Whether new turns should go elsewhere.</summary>
    public static bool IsAt(Destination destination, Pool pool) =>
        destination.State.MayBeOverdue && (destination.State.IsSuspect || TurnsAt(destination, pool).Count > 0);

    public void Dispose() => _timer.Dispose();

    private static IReadOnlyList<DestinationPlace> TurnsAt(Destination destination, Pool pool, int times = 1)
    {
        if (!destination.State.MayBeOverdue) return [];
        var usual = destination.State.UsualFirstEvent ?? pool.Destinations.Max(other => other.State.UsualFirstEvent);
        return destination.State.Overdue(usual, times);
    }

    private void Look()
    {
        foreach (var pool in _pools.Current)
            foreach (var destination in pool.Destinations)
                try { Look(destination, pool); }
                catch (Exception exception) { _pools.Log?.LookBroke(destination.Name, exception); } // the look: it is a timer's thread
    }

    private void Look(Destination destination, Pool pool)
    {
        destination.State.Notices.Overdue(IsAt(destination, pool), pool.Destinations.Any(other => StandsIn(other, destination)));
        if (!_moves) return;
        foreach (var place in TurnsAt(destination, pool, MovesAfter))
            if (place.MovesFor is { } model && pool.Destinations.Any(other => other != destination && IsReady(other, pool, model)))
                place.GiveUp();
    }

    private static bool StandsIn(Destination other, Destination destination) =>
        other != destination && destination.Models.Any(model => other.ModelFor(model) is not null);

    private static bool IsReady(Destination destination, Pool pool, string model) =>
        destination.ModelFor(model) is not null && !destination.Lacks(model)
        && destination.State.Refusal is null && !IsAt(destination, pool);
}
