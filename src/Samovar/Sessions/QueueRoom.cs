namespace Samovar.Sessions;

/// <summary>Bytes of the frames that wait in the lanes of all connections, bounded.</summary>
internal sealed class QueueRoom(SessionOptions options)
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>False, and nothing taken, when so much more does not fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= options.QueuedBytesTotalMax) return true;
        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
