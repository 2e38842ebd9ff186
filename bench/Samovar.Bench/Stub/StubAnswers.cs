using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Bench.Stub;

/// <summary>The account's answers over HTTP.</summary>
internal sealed class StubAnswers(StubAccount account)
{
    private const string UnknownError = """{"message":"Previous response not found.","type":"invalid_request_error","""
        + """ "param":"previous_response_id","code":"previous_response_not_found"}""";

    public static readonly byte[] UnknownFrame = Encoding.UTF8.GetBytes($$"""{"type":"error","status":400,"error":{{UnknownError}}}""");
    private static readonly byte[] UnknownBody = Encoding.UTF8.GetBytes($$"""{"error":{{UnknownError}}}""");

    public static Task PauseAsync(StubRequest request, string type) =>
        request.Context.Script.PauseMs > 0 && type.EndsWith(".delta", StringComparison.Ordinal)
            ? Task.Delay(request.Context.Script.PauseMs) : Task.CompletedTask;

    public async Task ResponsesAsync(HttpContext http)
    {
        if (account.Read(await BodyAsync(http.Request), _ => null) is not { } request)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteWholeAsync(http, UnknownBody);
            return;
        }
        var id = account.NewId();
        using var events = new StubEvents(request, id, account.CachedTokens(request));
        if (request.Streams) await StreamAsync(http, request, events.All(), () => account.Keep(request, id));
        else await WriteWholeAsync(http, Whole(events, () => account.Keep(request, id)));
    }

    public async Task ChatAsync(HttpContext http)
    {
        var request = account.ReadChat(await BodyAsync(http.Request));
        http.Response.ContentType = "text/event-stream";
        var body = http.Response.BodyWriter;
        foreach (var chunk in StubChunks.All(request, account.NewId(), account.CachedTokens(request)))
        {
            Write(body, "data: ");
            Write(body, chunk);
            Write(body, "\n\n");
            await body.FlushAsync();
        }
    }

    private static async Task StreamAsync(
        HttpContext http, StubRequest request, IEnumerable<(string Type, ReadOnlyMemory<byte> Json)> events, Action keep)
    {
        http.Response.ContentType = "text/event-stream";
        var body = http.Response.BodyWriter;
        foreach (var (type, json) in events)
        {
            if (type == "response.completed") keep();
            Write(body, $"event: {type}\ndata: ");
            await body.WriteAsync(json);
            Write(body, "\n\n");
            await body.FlushAsync();
            await PauseAsync(request, type);
        }
    }

    /// <summary>The response that stands in the terminal event.</summary>
    private static byte[] Whole(StubEvents events, Action keep)
    {
        var last = events.All().Last();
        keep();
        using var e = JsonDocument.Parse(last.Json);
        return JsonSerializer.SerializeToUtf8Bytes(e.RootElement.GetProperty("response"));
    }

    private static async Task WriteWholeAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json);
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request)
    {
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole);
        return whole.ToArray();
    }

    private static void Write(PipeWriter body, string text) => body.Advance(Encoding.UTF8.GetBytes(text, body.GetSpan(text.Length * 3)));
}
