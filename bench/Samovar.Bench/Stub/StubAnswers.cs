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

    public async Task ResponsesAsync(HttpContext http)
    {
        if (account.Read(await BodyAsync(http.Request), _ => null) is not { } request)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteWholeAsync(http, UnknownBody);
            return;
        }
        var id = account.NewId();
        var cached = account.CachedTokens(request);
        var pace = account.Pace(request, cached);
        using var events = new StubEvents(request, id, cached);
        if (request.Streams) await StreamAsync(http, pace, events.All(), () => account.Keep(request, id));
        else await WriteWholeAsync(http, await WholeAsync(events, pace, () => account.Keep(request, id)));
    }

    public async Task ChatAsync(HttpContext http)
    {
        var request = account.ReadChat(await BodyAsync(http.Request));
        var cached = account.CachedTokens(request);
        var pace = account.Pace(request, cached);
        if (!request.Streams)
        {
            await WriteWholeAsync(http, Encoding.UTF8.GetBytes(StubChunks.Whole(request, account.NewId(), cached)));
            return;
        }
        http.Response.ContentType = "text/event-stream";
        var body = http.Response.BodyWriter;
        foreach (var (type, chunk) in StubChunks.All(request, account.NewId(), cached))
        {
            await pace.BeforeAsync(type);
            Write(body, "data: ");
            Write(body, chunk);
            Write(body, "\n\n");
            await body.FlushAsync();
        }
    }

    private static async Task StreamAsync(
        HttpContext http, StubPace pace, IEnumerable<(string Type, ReadOnlyMemory<byte> Json)> events, Action keep)
    {
        http.Response.ContentType = "text/event-stream";
        var body = http.Response.BodyWriter;
        foreach (var (type, json) in events)
        {
            await pace.BeforeAsync(type);
            if (type == "response.completed") keep();
            Write(body, $"event: {type}\ndata: ");
            await body.WriteAsync(json);
            Write(body, "\n\n");
            await body.FlushAsync();
        }
    }

    /// <summary>The response that stands in the terminal event.</summary>
    private static async Task<byte[]> WholeAsync(StubEvents events, StubPace pace, Action keep)
    {
        ReadOnlyMemory<byte> last = default;
        foreach (var (type, json) in events.All())
        {
            await pace.BeforeAsync(type);
            last = json;
        }
        keep();
        using var e = JsonDocument.Parse(last);
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
