namespace Samovar.Bench.Transport;

/// <summary>What went over a client's sockets so far; safe for all threads.</summary>
internal sealed class WireCounts
{
    private long _up, _down, _plainUp, _plainDown;
    private int _connections;

    public void AddUp(int bytes) => Interlocked.Add(ref _up, bytes);
    public void AddDown(int bytes) => Interlocked.Add(ref _down, bytes);
    public void AddPlainUp(int bytes) => Interlocked.Add(ref _plainUp, bytes);
    public void AddPlainDown(int bytes) => Interlocked.Add(ref _plainDown, bytes);
    public void AddConnection() => Interlocked.Increment(ref _connections);

    public void Add(WireAmounts amounts)
    {
        Interlocked.Add(ref _up, amounts.Up);
        Interlocked.Add(ref _down, amounts.Down);
        Interlocked.Add(ref _plainUp, amounts.PlainUp);
        Interlocked.Add(ref _plainDown, amounts.PlainDown);
        Interlocked.Add(ref _connections, amounts.Connections);
    }

    public WireAmounts Read() => new(Interlocked.Read(ref _up), Interlocked.Read(ref _down), Interlocked.Read(ref _plainUp),
        Interlocked.Read(ref _plainDown), Volatile.Read(ref _connections));
}

/// <summary>Bytes at the socket, and those below TLS, which are the same without it.</summary>
internal readonly record struct WireAmounts(long Up, long Down, long PlainUp, long PlainDown, int Connections)
{
    public static WireAmounts operator -(WireAmounts later, WireAmounts earlier) => new(later.Up - earlier.Up,
        later.Down - earlier.Down, later.PlainUp - earlier.PlainUp, later.PlainDown - earlier.PlainDown,
        later.Connections - earlier.Connections);

    public static WireAmounts operator +(WireAmounts one, WireAmounts other) => new(one.Up + other.Up, one.Down + other.Down,
        one.PlainUp + other.PlainUp, one.PlainDown + other.PlainDown, one.Connections + other.Connections);
}
