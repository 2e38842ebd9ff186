using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Samovar.Server.Http;

namespace Samovar.Server.Page;

/// <summary><c>GET /page/events</c>: the state, then what changes of it, as server-sent events.</summary>
internal sealed class EventsEndpoint(PageDoor door, PageFeeds feeds, PageOptions options, HttpOptions http, TimeProvider time)
{
    private static readonly byte[] Ping = [.. ": ping\n\n"u8];

    public async Task HandleAsync(HttpContext context)
    {
        var visitor = door.Require(context);
        using var watch = feeds.Join(visitor.Caller);
        Begin(context.Response);
        await context.Response.BodyWriter.FlushAsync(http, time, context.RequestAborted);
        var mark = PageMark.Read(context.Request.Headers["Last-Event-ID"]);
        while (visitor.IsWelcome() && !watch.Feed.Ended.IsCompleted)
        {
            if (watch.Feed.Next(mark, out var changed) is { } next)
            {
                await WriteAsync(context.Response.BodyWriter, next, context.RequestAborted);
                mark = next.Mark;
            }
            else if (!await IsInTimeAsync(changed, context.RequestAborted))
            {
                context.Response.BodyWriter.Write(Ping);
                await context.Response.BodyWriter.FlushAsync(http, time, context.RequestAborted);
            }
        }
    }

    private static void Begin(HttpResponse response)
    {
        PageHeaders.Set(response, "no-store");
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    private async Task<bool> IsInTimeAsync(Task changed, CancellationToken readerGone)
    {
        try
        {
            await changed.WaitAsync(options.PingInterval, time, readerGone);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>In pieces: a slow client has the time for each.</summary>
    private async Task WriteAsync(PipeWriter body, PageEvent next, CancellationToken readerGone)
    {
        body.Write(Encoding.UTF8.GetBytes($"id: {next.Mark}\nevent: {next.Name}\ndata: "));
        for (var json = next.Json; !json.IsEmpty;)
        {
            var piece = json[..Math.Min(json.Length, http.WriteBytesMax)];
            body.Write(piece.Span);
            json = json[piece.Length..];
            if (!json.IsEmpty) await body.FlushAsync(http, time, readerGone);
        }
        body.Write("\n\n"u8);
        await body.FlushAsync(http, time, readerGone);
    }
}
