using Samovar.Scheduling.Fairness;

namespace Samovar.Server.WebSockets;

/// <summary>Which sockets may keep their compression window between messages: it saves most, and costs about 240 KB a connection.</summary>
internal sealed class TakeoverBudget(SocketOptions options)
{
    private readonly SharedPlaces _places = new(options.TakeoverConnectionsMax);

    public int Taken => _places.Taken;

    public bool TryTake(FlowId flow) => _places.TryTake(flow);

    public void GiveBack(FlowId flow) => _places.GiveBack(flow);
}
