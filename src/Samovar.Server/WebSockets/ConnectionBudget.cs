namespace Samovar.Server.WebSockets;

/// <summary>How many sockets are open, and which of them may keep a compression window.</summary>
internal sealed class ConnectionBudget(SocketOptions options)
{
    private int _open;
    private int _takeovers;

    public int Open => Volatile.Read(ref _open);
    public int Takeovers => Volatile.Read(ref _takeovers);

    public bool TryOpen() => TryTake(ref _open, options.ConnectionsMax);
    public void Close() => Interlocked.Decrement(ref _open);
    public bool TryTakeover() => TryTake(ref _takeovers, options.TakeoverConnectionsMax);
    public void EndTakeover() => Interlocked.Decrement(ref _takeovers);

    private static bool TryTake(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max) return true;
        Interlocked.Decrement(ref count);
        return false;
    }
}
