namespace Samovar.Scheduling.Budgets;

/// <summary>One named part of the memory that this process may hold: who keeps bytes takes them here first. Safe for all threads.</summary>
/// <param name="name">What the bytes are, as metrics and messages call it: <c>frames</c>, <c>bodies</c>, <c>logs</c> …</param>
/// <param name="bytesMax">Bytes that may be held.</param>
public sealed class ByteShare(string name, long bytesMax) : IByteShare
{
    private long _bytes;

    public string Name { get; } = name;

    /// <summary>Bytes that may be held.</summary>
    public long BytesMax { get; } = bytesMax;

    /// <summary>Bytes that are held.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes room for that many more bytes; false, and nothing taken, when they do not fit.</summary>
    public bool TryTake(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var held = Interlocked.Read(ref _bytes);
        while (held + bytes <= BytesMax)
        {
            var seen = Interlocked.CompareExchange(ref _bytes, held + bytes, held);
            if (seen == held) return true;
            held = seen;
        }
        return false;
    }

    /// <summary>Counts bytes that are held already and cannot be refused any more; the share may be over its bound afterwards.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _bytes, bytes);

    public void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
