namespace Samovar.Gateway.Wire;

/// <summary>A text that was sent on piece by piece: enough of it to find what a whole text has beyond it, without keeping it.</summary>
internal struct SentText
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211; // FNV-1a
    private ulong _hash;

    public int Length { get; private set; }

    public void Add(ReadOnlySpan<char> more)
    {
        _hash = Hash(Length == 0 ? Offset : _hash, more);
        Length += more.Length;
    }

    /// <summary>Whether the whole begins with what was sent.</summary>
    public readonly bool IsStartOf(ReadOnlySpan<char> whole) =>
        Length == 0 || (whole.Length >= Length && Hash(Offset, whole[..Length]) == _hash);

    public readonly bool Is(ReadOnlySpan<char> whole) => whole.Length == Length && IsStartOf(whole);

    private static ulong Hash(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var character in text) hash = (hash ^ character) * Prime;
        return hash;
    }
}
