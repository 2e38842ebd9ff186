using System.Buffers;
using System.IO.Compression;

namespace Samovar.Chains.Packing;

/// <summary>Bytes as they are stored: compressed where that makes them shorter. They begin with their form's version.</summary>
internal static class Squeezed
{
    private const byte Plain = 0;
    private const byte Brotli = 1;
    private const int ShortestWorthIt = 64;
    private const int Quality = 1;
    private const int WindowBits = 18;
    private const int LengthMax = 1 << 30; // what says that it is longer is broken

    public static byte[] Pack(ReadOnlySpan<byte> bytes, byte version)
    {
        var head = new PackWriter(sizeof(long));
        head.Byte(version);
        var rented = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(bytes.Length));
        try
        {
            var isShorter = bytes.Length >= ShortestWorthIt
                & BrotliEncoder.TryCompress(bytes, rented, out var length, Quality, WindowBits) && length < bytes.Length;
            head.Byte(isShorter ? Brotli : Plain);
            head.Number(bytes.Length);
            return [.. head.Written, .. isShorter ? rented.AsSpan(0, length) : bytes];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The bytes again, at the beginning of memory that is rented: the caller gives it back.</summary>
    /// <param name="packed">As they are stored.</param>
    /// <param name="version">The newest form that is known here.</param>
    /// <param name="length">How many they are.</param>
    /// <exception cref="InvalidDataException">They are broken, or of a newer form.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> packed, byte version, out int length)
    {
        var reader = new PackReader(packed);
        var found = reader.Byte();
        if (found > version) throw new InvalidDataException($"it was written by a newer version of this server, in form {found}");
        var how = reader.Byte();
        length = reader.Count();
        if (length > LengthMax) throw new InvalidDataException("a length is too large");
        var rented = ArrayPool<byte>.Shared.Rent(length);
        if (IsUnpacked(how, reader.Remaining, rented.AsSpan(0, length))) return rented;
        ArrayPool<byte>.Shared.Return(rented);
        throw new InvalidDataException("the compressed bytes are broken");
    }

    private static bool IsUnpacked(byte how, ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (how == Brotli) return BrotliDecoder.TryDecompress(from, to, out var written) && written == to.Length;
        return how == Plain && from.Length == to.Length && from.TryCopyTo(to);
    }
}
