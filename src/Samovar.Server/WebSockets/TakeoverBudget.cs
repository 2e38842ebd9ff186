namespace Samovar.Server.WebSockets;

/// <summary>Which sockets may keep their compression window between messages: it saves most, and costs about 240 KB a connection.</summary>
internal sealed class TakeoverBudget(SocketOptions options)
{
    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= options.TakeoverConnectionsMax) return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
