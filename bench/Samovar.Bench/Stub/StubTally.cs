namespace Samovar.Bench.Stub;

/// <summary>What an account counts: the upstream's own view of what reached it.</summary>
internal sealed class StubTally
{
    private long _wholes, _deltas, _unknownParents, _bytesIn, _sockets, _socketsOpened, _connections;

    public void Asked(long bytes, StubRequest? request)
    {
        Interlocked.Add(ref _bytesIn, bytes);
        Interlocked.Increment(ref request is null ? ref _unknownParents : ref request.IsDelta ? ref _deltas : ref _wholes);
    }

    public void SocketOpened()
    {
        Interlocked.Increment(ref _sockets);
        Interlocked.Increment(ref _socketsOpened);
    }

    public void Connected() => Interlocked.Increment(ref _connections);

    public void SocketClosed() => Interlocked.Decrement(ref _sockets);

    public StubCounts Read() => new(
        Interlocked.Read(ref _wholes), Interlocked.Read(ref _deltas), Interlocked.Read(ref _unknownParents), Interlocked.Read(ref _bytesIn),
        Interlocked.Read(ref _sockets), Interlocked.Read(ref _socketsOpened),
        Interlocked.Read(ref _connections));
}

/// <summary>An account's counts at one moment.</summary>
/// <param name="Wholes">Requests that brought their whole context along.</param>
/// <param name="Deltas">Requests that continued what the account holds.</param>
/// <param name="UnknownParents">Requests that continued what it does not hold.</param>
/// <param name="BytesIn">Bodies and frames of all requests.</param>
/// <param name="Sockets">Open now.</param>
/// <param name="Connections">TCP connections that were opened, those that ask for these counts left out.</param>
internal sealed record StubCounts(
    long Wholes, long Deltas, long UnknownParents, long BytesIn, long Sockets, long SocketsOpened, long Connections)
{
    public long Requests => Wholes + Deltas + UnknownParents;
}
