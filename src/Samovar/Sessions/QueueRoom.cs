namespace Samovar.Sessions;

/// <summary>Bytes of the frames that wait in the lanes of all connections, bounded.</summary>
internal sealed class QueueRoom(SessionOptions options)
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>False, and nothing taken, when so much more does not fit.</summary>
    /// <param name="bytes">Of the frame.</param>
    /// <param name="isOnly">Nothing else of its connection waits: it always fits, so that nobody's waiting shuts out the others.</param>
    public bool TryTake(long bytes, bool isOnly)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= options.QueuedBytesTotalMax || isOnly) return true;
        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
