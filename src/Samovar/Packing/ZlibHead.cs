namespace Samovar.Packing;

/// <summary>
/// Tells zlib (RFC 1950), which is what HTTP means by <c>deflate</c>, from the bare data (RFC 1951) that half of those send who say so.
/// </summary>
public static class ZlibHead
{
    /// <summary>Bytes that have to be seen.</summary>
    public const int Bytes = 2;

    private const int Deflate = 8, WindowMax = 7;

    /// <summary>Whether the data begins with it: the method, a window of at most 32 KiB, and a check of both.</summary>
    public static bool BeginsWith(ReadOnlySpan<byte> data) =>
        data is [var method, var flags, ..] && (method & 0x0F) == Deflate && method >> 4 <= WindowMax && ((method << 8) + flags) % 31 == 0;
}
