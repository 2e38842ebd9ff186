using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>
/// Answers with an event stream. It begins when the turn does, so that a refusal keeps its status; but a client, and what stands before it,
/// gives up where it hears nothing: after <c>Http:KeepAliveInterval</c> the answer's head and what fills a silence in its protocol go out
/// at the latest, and what is refused after that is an event of the stream.
/// </summary>
internal sealed class SseAnswer(HttpContext http, ISseForm form, HttpOptions options, TimeProvider time)
{
    /// <exception cref="ApiException">The turn was refused, and nothing has gone out.</exception>
    public async Task WriteAsync(Task<EventLog> began)
    {
        try
        {
            while (await KeepAlive.IsDueAsync(began, options, time))
            {
                Begin();
                http.Response.BodyWriter.Write(form.Silence.Span); // a comment, or a ping, which may come before all else
                await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted);
            }
            Begin();
            await new SseWriter(http.Response.BodyWriter, http.Response.CompleteAsync, form, options, time)
                .WriteAsync(await began, http.RequestAborted);
        }
        catch (ApiException error) when (began.IsFaulted && http.Response.HasStarted)
        {
            form.WriteRefusal(error, http.Response.BodyWriter);
            http.Response.BodyWriter.Write(form.End.Span);
            await TimedFlush.WithinAsync(http.Response.CompleteAsync(), options, time, http.RequestAborted);
        }
    }

    /// <summary>Answers with events that can be read again, from where the reader stands.</summary>
    /// <param name="lost">What the client hears where they are no longer kept.</param>
    public async Task WriteAsync(LogReader reader, Func<ApiException> lost)
    {
        Begin();
        await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted); // the next event may be far
        await new SseWriter(http.Response.BodyWriter, http.Response.CompleteAsync, form, options, time)
            .WriteAsync(reader, lost, http.RequestAborted);
    }

    private void Begin()
    {
        if (http.Response.HasStarted) return;
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }
}
