using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Samovar.Testing.Upstreams;

/// <summary>An answer of a fake, byte for byte, each piece in a write of its own.</summary>
internal sealed record RawAnswer(IReadOnlyList<string> Pieces)
{
    public string? ContentType { get; init; } = "text/event-stream";

    /// <summary>The connection is cut behind the last piece, once the upstream's gate lets it.</summary>
    public bool IsCut { get; init; }

    /// <summary>Nothing follows the last piece, not even the end.</summary>
    public bool Hangs { get; init; }

    /// <summary>The length that it announces; more than its pieces have cuts it short.</summary>
    public int? Length { get; init; }

    /// <summary>Every piece but the first waits for the upstream's gate.</summary>
    public bool IsGated { get; init; }

    public int Status { get; init; } = 200;

    /// <summary>What it says of how it is compressed, though nobody asked for that.</summary>
    public string? Encoding { get; init; }

    /// <summary>Makes what goes over the wire of what it says; null sends the pieces as they are.</summary>
    public Func<byte[], byte[]>? Pack { get; init; }

    public static byte[] Gzip(byte[] plain) => Packed(plain, static to => new GZipStream(to, CompressionLevel.Fastest));
    public static byte[] Zlib(byte[] plain) => Packed(plain, static to => new ZLibStream(to, CompressionLevel.Fastest));
    public static byte[] Deflate(byte[] plain) => Packed(plain, static to => new DeflateStream(to, CompressionLevel.Fastest));
    public static byte[] Brotli(byte[] plain) => Packed(plain, static to => new BrotliStream(to, CompressionLevel.Fastest));

    private static byte[] Packed(byte[] plain, Func<Stream, Stream> packing)
    {
        using var packed = new MemoryStream();
        using (var stream = packing(packed)) stream.Write(plain);
        return packed.ToArray();
    }

    /// <summary>Chunks of a chat completion, each an event of its own, and the mark that ends the stream.</summary>
    public static RawAnswer Of(params IEnumerable<string> chunks) =>
        new([.. chunks.Append("[DONE]").Select(chunk => $"data: {chunk}\n\n")]);

    public async Task WriteAsync(FakeUpstream upstream, HttpContext context)
    {
        await upstream.ReadAsync(context);
        if (ContentType is not null) context.Response.ContentType = ContentType;
        context.Response.StatusCode = Status;
        context.Response.ContentLength = Length;
        if (Encoding is not null) context.Response.Headers.ContentEncoding = Encoding;
        if (Pack is not null)
        {
            await context.Response.Body.WriteAsync(Pack(System.Text.Encoding.UTF8.GetBytes(string.Concat(Pieces))));
            return;
        }
        for (var i = 0; i < Pieces.Count; i++)
        {
            if (IsGated && i > 0) await upstream.PassGateAsync();
            await context.Response.WriteAsync(Pieces[i]);
            await context.Response.Body.FlushAsync();
        }
        if (IsCut)
        {
            await upstream.PassGateAsync(); // what was written just before may be lost with the connection
            context.Abort();
        }
        if (Hangs) await Task.Delay(Timeout.Infinite, upstream.Stopping);
    }
}
