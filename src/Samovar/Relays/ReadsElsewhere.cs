using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Counts what clients here read of other nodes for as long as they like: the events of turns that run there, and answers about
/// them. Each holds a connection, and tenants share them; turns that are sent elsewhere have others. Safe for all threads.</summary>
/// <param name="most">So many at once.</param>
internal sealed class ReadsElsewhere(int most, TurnOptions turns)
{
    private readonly SharedPlaces _places = new(most);

    /// <summary>A place, to be disposed when all was read.</summary>
    /// <exception cref="ApiException">There is none now.</exception>
    public IDisposable Enter(TenantId tenant)
    {
        var flow = new FlowId(tenant.Value);
        return _places.TryTake(flow) ? new Place(_places, flow) : throw Full();
    }

    /// <summary>What is said where it can be asked again later.</summary>
    public ApiException Full() => TurnsElsewhere.Full(turns);

    private sealed class Place(SharedPlaces places, FlowId flow) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isLeft, true)) places.GiveBack(flow);
        }
    }
}
