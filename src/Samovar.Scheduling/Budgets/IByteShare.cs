namespace Samovar.Scheduling.Budgets;

/// <summary>A named part of the memory that this process may hold.</summary>
public interface IByteShare
{
    /// <summary>What the bytes are, as metrics and messages call it: <c>frames</c>, <c>bodies</c>, <c>logs</c> …</summary>
    string Name { get; }

    /// <summary>Bytes that may be held.</summary>
    long BytesMax { get; }

    /// <summary>Bytes that are held.</summary>
    long Bytes { get; }
}

/// <summary>A share whose owner counts for itself, and is asked.</summary>
/// <param name="name">See <see cref="IByteShare.Name"/>.</param>
/// <param name="readMax">Bytes that the owner may hold.</param>
/// <param name="read">What it holds.</param>
public sealed class OwnersShare(string name, Func<long> readMax, Func<long> read) : IByteShare
{
    public string Name { get; } = name;
    public long BytesMax => readMax();
    public long Bytes => read();
}
