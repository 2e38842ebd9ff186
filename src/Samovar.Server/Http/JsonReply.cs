using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Server.Http;

/// <summary>Sends one JSON body with its length.</summary>
internal static class JsonReply
{
    // No page embeds these bodies.
    private static readonly JsonWriterOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext http, int status, ReadOnlyMemory<byte> utf8)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = utf8.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(utf8, http.RequestAborted);
    }

    public static Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plainly)) write(json);
        return WriteAsync(http, StatusCodes.Status200OK, buffer.WrittenMemory);
    }
}
