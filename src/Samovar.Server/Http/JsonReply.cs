using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Samovar.Server.Http;

/// <summary>Sends one JSON body with its length, to a client that takes it.</summary>
internal static class JsonReply
{
    // No page embeds these bodies.
    public static readonly JsonWriterOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext http, int status, ReadOnlyMemory<byte> utf8) =>
        WriteAsync(http, status, utf8, http.RequestServices.GetRequiredService<HttpOptions>(),
            http.RequestServices.GetRequiredService<TimeProvider>());

    public static async Task WriteAsync(
        HttpContext http, int status, ReadOnlyMemory<byte> utf8, HttpOptions options, TimeProvider time)
    {
        if (!http.Response.HasStarted) Begin(http, status, utf8.Length);
        if (HttpMethods.IsHead(http.Request.Method)) return;
        while (!utf8.IsEmpty) // in pieces: a slow client has the time for each
        {
            var piece = utf8[..Math.Min(utf8.Length, options.WriteBytesMax)];
            http.Response.BodyWriter.Write(piece.Span);
            await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted);
            utf8 = utf8[piece.Length..];
        }
    }

    private static void Begin(HttpContext http, int status, int length)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = length;
    }

    public static Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write) => WriteAsync(http, StatusCodes.Status200OK, write);

    public static Task WriteAsync(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plainly)) write(json);
        return WriteAsync(http, status, buffer.WrittenMemory);
    }

    /// <summary>What a DELETE is answered with.</summary>
    /// <param name="kind">The protocol's word for what is deleted.</param>
    public static Task WriteDeletedAsync(HttpContext http, string id, string kind) => WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, kind);
        json.WriteBoolean("deleted"u8, true);
        json.WriteEndObject();
    });
}
