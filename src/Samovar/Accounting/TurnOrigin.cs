namespace Samovar.Accounting;

/// <summary>The connection that turns come on: one object for each, so that those who watch can tell them apart and name them.</summary>
/// <param name="client">What the client calls itself; null: it does not.</param>
/// <param name="openedAt">By <c>TimeProvider.GetTimestamp</c>.</param>
internal sealed class TurnOrigin(string? client, long openedAt)
{
    public string? Client => client;
    public long OpenedAt => openedAt;
}

/// <summary>What the turns of a lane came to. Safe for all threads.</summary>
internal sealed class LaneTally
{
    private long _bytesUp, _bytesStateless;

    public long BytesUp => Interlocked.Read(ref _bytesUp);

    /// <summary>What a client without state would have sent.</summary>
    public long BytesStateless => Interlocked.Read(ref _bytesStateless);

    public void Add(long up, long stateless)
    {
        Interlocked.Add(ref _bytesUp, up);
        Interlocked.Add(ref _bytesStateless, stateless);
    }
}
