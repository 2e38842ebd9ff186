using System.IO.Compression;
using System.Text;
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

    /// <summary>Whether it is compressed, though nobody asked for that.</summary>
    public bool IsPacked { get; init; }

    /// <summary>Chunks of a chat completion, each an event of its own, and the mark that ends the stream.</summary>
    public static RawAnswer Of(params IEnumerable<string> chunks) =>
        new([.. chunks.Append("[DONE]").Select(chunk => $"data: {chunk}\n\n")]);

    public async Task WriteAsync(FakeUpstream upstream, HttpContext context)
    {
        await upstream.ReadAsync(context);
        if (ContentType is not null) context.Response.ContentType = ContentType;
        if (IsPacked)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var packing = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await packing.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(Pieces)));
            return;
        }
        foreach (var piece in Pieces)
        {
            await context.Response.WriteAsync(piece);
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
