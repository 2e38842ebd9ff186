using Samovar.Gateway.Destinations;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Keeps a part of a pool's places open (<see cref="SharedPlaces"/>), so that a flow that holds none finds one at once, however many turns
/// of others run and however long they take.
/// </summary>
/// <remarks>
/// A destination with enough places keeps a part of its own open: a chain's next turn wants that very destination. Those with fewer count
/// together, as far as they are fit and serve the model. Where there are fewer places than <see cref="Pool.OpenPart"/> none is kept open,
/// for it would stand empty most of the time: there a newcomer goes next (<see cref="PoolLine"/>). Of what may be used within a minute a
/// part is left in the same way: a burst does not use up the minute of everybody. Two turns that come in the same moment
/// see the same figures unless the caller holds the pool's lock.
/// </remarks>
internal static class OpenPlaces
{
    private static readonly Refusal Shared = new(RefusalReason.Share, TimeSpan.FromSeconds(1), IsOfFlow: true);

    /// <summary>Why the turn may not begin there though there is room; null where it may, or where nobody may.</summary>
    public static Refusal? RefusalFor(Destination destination, Pool pool, RouteRequest wanted)
    {
        var (flow, part) = (wanted.Turn.Flow, pool.OpenPart);
        if (part == 0 || !destination.IsLimited) return null;
        var own = destination.State.PlacesFor(flow);
        if (!own.IsFit) return null;
        if (destination.State.RateShareFor(flow, part) is { } refusal) return refusal;
        if (own.Max == 0 || own.Taken >= own.Max) return null;
        var (places, taken, held) = own.Max >= part ? (own.Max, own.Taken, own.Held) : Together(pool, wanted, part);
        return SharedPlaces.MayTake(places, places - taken, held, part) ? null : Shared;
    }

    /// <summary>The places of all small destinations that the turn could go to.</summary>
    private static (int Places, int Taken, int Held) Together(Pool pool, RouteRequest wanted, int part)
    {
        var (places, taken, held) = (0, 0, 0);
        foreach (var destination in pool.Destinations)
        {
            if (destination.Options.InFlightMax is 0 || destination.Options.InFlightMax >= part) continue;
            if (destination.ModelFor(wanted.Model) is null) continue;
            var figures = destination.State.PlacesFor(wanted.Turn.Flow);
            if (!figures.IsFit) continue;
            places += figures.Max;
            taken += Math.Min(figures.Max, figures.Taken);
            held += figures.Held;
        }
        return (places, taken, held);
    }
}
