using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using Samovar.Gateway.Faults;
using Samovar.Packing;

namespace Samovar.Gateway.Wire.Http;

/// <summary>Unpacks an answer that an upstream or a proxy compressed, though nobody asked for that.</summary>
/// <remarks>
/// What its first bytes are counts for more than what its header calls them: some name a packing that they did not do, or another, and half
/// of those who say <c>deflate</c> leave out the head of zlib.
/// </remarks>
internal static class PackedAnswer
{
    private const int PeekedBytes = 32, NameCharsMax = 40;
    private const int PackingsMax = 4; // each reads from the one inside it, and a header may name thousands

    /// <param name="stream">The answer's bytes.</param>
    /// <param name="encodings">What the header says of them, in the order in which it was done.</param>
    /// <exception cref="UpstreamException">One of them is not known, or there are too many.</exception>
    public static async ValueTask<Stream> OpenAsync(Stream stream, ICollection<string> encodings, CancellationToken attemptEnded)
    {
        if (encodings.Count > PackingsMax)
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, $"It packed its answer {encodings.Count} times."));
        foreach (var encoding in encodings.Reverse()) stream = await OpenAsync(stream, encoding, attemptEnded);
        return stream;
    }

    private static async ValueTask<Stream> OpenAsync(Stream packed, string encoding, CancellationToken attemptEnded)
    {
        if (string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase)) return packed;
        var bytes = PipeReader.Create(packed);
        var read = await bytes.ReadAtLeastAsync(ZlibHead.Bytes, attemptEnded);
        var start = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, PeekedBytes)).ToArray();
        bytes.AdvanceTo(read.Buffer.Start);
        var stream = bytes.AsStream();
        if (start is [0x1f, 0x8b, ..]) return new GZipStream(stream, CompressionMode.Decompress);
        if (ZlibHead.BeginsWith(start)) return new ZLibStream(stream, CompressionMode.Decompress);
        if (IsText(start)) return stream;
        return encoding.ToUpperInvariant() switch
        {
            "GZIP" or "X-GZIP" => new GZipStream(stream, CompressionMode.Decompress), // broken: it says what is wrong
            "DEFLATE" => new DeflateStream(stream, CompressionMode.Decompress),
            "BR" => new BrotliStream(stream, CompressionMode.Decompress),
            _ => throw new UpstreamException(new UpstreamFault(FaultKind.Malformed,
                $"It packed its answer as '{encoding[..Math.Min(encoding.Length, NameCharsMax)]}'.")),
        };
    }

    /// <summary>Whether it begins as JSON or as events do, and goes on as text.</summary>
    private static bool IsText(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("\uFEFF"u8)) return true;
        var text = start.TrimStart(" \t\r\n"u8);
        if (text is not [(byte)'{' or (byte)'[' or (byte)':' or (byte)'d' or (byte)'e' or (byte)'i' or (byte)'r', ..]) return text.IsEmpty;
        var end = text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        return end < 0 || text[end] is (byte)'\r' or (byte)'\n' or (byte)'\t' or >= 0xC2;
    }
}
