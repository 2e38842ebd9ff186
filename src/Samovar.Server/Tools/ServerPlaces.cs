using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>The connections to one server of tools, shared among the tenants: who floods it leaves some to the others. Safe for all
/// threads.</summary>
/// <remarks>
/// Who finds no place waits for as long as it may; a place that is given back goes to the tenant that holds fewest, and where the line is
/// full the longest one gives way.
/// </remarks>
internal sealed class ServerPlaces(int placesMax)
{
    private const int WaitingMax = 8192;
    private readonly Lock _gate = new();
    private readonly PlaceLine<Place> _line = new(placesMax, WaitingMax, static place => place.Flow);

    /// <summary>A place, once there is one; whoever has it gives it back.</summary>
    /// <exception cref="ToolServerException">Too many wait.</exception>
    public async ValueTask<IDisposable> TakeAsync(TenantId tenant, CancellationToken cancelled)
    {
        var place = new Place(this, new FlowId(tenant.Value));
        Place? gaveWay;
        lock (_gate)
        {
            if (_line.TryTake(place.Flow)) return place;
            if (!_line.TryWait(place, out gaveWay)) throw Full();
        }
        gaveWay?.Taken.TrySetException(Full());
        await WaitAsync(place, cancelled);
        return place;
    }

    private async Task WaitAsync(Place place, CancellationToken cancelled)
    {
        try
        {
            await place.Taken.Task.WaitAsync(cancelled);
        }
        catch (OperationCanceledException)
        {
            bool hasLeft;
            lock (_gate) hasLeft = _line.TryGiveUp(place);
            if (hasLeft) throw;
            await place.Taken.Task; // it came in the same moment, or it gave way
            place.Dispose();
            throw;
        }
    }

    private void GiveBack(Place place)
    {
        IReadOnlyList<Place> next;
        lock (_gate) next = _line.GiveBack(place.Flow);
        foreach (var one in next) one.Taken.TrySetResult();
    }

    private static ToolServerException Full() => new(ToolServerException.Http, 0, "Too many calls wait for this server.");

    /// <summary>One connection's worth, or a claim to it.</summary>
    private sealed class Place(ServerPlaces home, FlowId flow) : IDisposable
    {
        private int _isGivenBack;

        public FlowId Flow => flow;
        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0) home.GiveBack(this);
        }
    }
}
