using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Budgets;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>Passes on what a conversation's home answers: of a stream whole events, so that one that breaks off can be ended, else all of
/// it at its end, so that the turn can be made again.</summary>
/// <param name="http">The client's request.</param>
/// <param name="reply">The answer, its body not read yet.</param>
/// <param name="buffer">What is held of it.</param>
internal sealed class HomeAnswer(HttpContext http, PeerReply reply, ClaimedBuffer buffer, HttpOptions options, TimeProvider time)
{
    private const int FirstBytes = 4 << 10; // which are always there
    private static readonly string[] Passed =
        ["Content-Type", "Content-Length", "Cache-Control", "Retry-After", "X-Accel-Buffering", "x-request-id", "request-id"];

    private static readonly string[] PassedGroups = ["x-ratelimit-", "anthropic-ratelimit-"];
    private readonly bool _isStream = PeerAnswers.IsStream(reply.Response);

    /// <summary>To its end, or as far as it comes.</summary>
    /// <returns>Whether it came to its end.</returns>
    public async Task<bool> PassAsync()
    {
        if (await BodyAsync() is not { } body) return false;
        await using var owned = body;
        while (await ReadAsync(body) is var read and not 0)
        {
            if (read is null) return false;
            await PassAsync(Ready());
        }
        Begin();
        await PassAsync(buffer.Length);
        return true;
    }

    /// <summary>Says that an answer of which a part was passed on comes to no end: half of one must not look whole.</summary>
    /// <param name="why">What its client is told, where there is a way to.</param>
    public async Task BreakAsync(ISseForm form, ErrorKind why)
    {
        if (!_isStream)
        {
            http.Abort();
            return;
        }
        form.WriteRefusal(new ApiException(why), http.Response.BodyWriter);
        http.Response.BodyWriter.Write(form.End.Span);
        await TimedFlush.WithinAsync(http.Response.CompleteAsync(), options, time, http.RequestAborted);
    }

    private async Task<Stream?> BodyAsync()
    {
        try { return await reply.Response.Content.ReadAsStreamAsync(reply.Call.Ended); }
        catch (Exception fault) when (IsOfHome(fault))
        {
            return null;
        }
    }

    /// <returns>0 at its end; null where it broke off.</returns>
    private async ValueTask<int?> ReadAsync(Stream body)
    {
        if (buffer.Free.IsEmpty && (buffer.IsFull || !buffer.TryGrow(FirstBytes))) await PassAsync(buffer.Length); // as it is
        try
        {
            var read = await body.ReadAsync(buffer.Free, reply.Call.Ended);
            buffer.Advance(read);
            if (_isStream) reply.Call.Heard();
            return read;
        }
        catch (Exception fault) when (IsOfHome(fault))
        {
            return null;
        }
    }

    private bool IsOfHome(Exception fault) => PeerEvents.IsOfConnection(fault) && !http.RequestAborted.IsCancellationRequested;

    /// <summary>How much of what is there goes out.</summary>
    private int Ready() => _isStream ? buffer.Written.Span.LastIndexOf("\n\n"u8) is >= 0 and var end ? end + 2 : 0
        : options.WholeKeepAlive ? buffer.Length : 0;

    private async ValueTask PassAsync(int bytes)
    {
        if (bytes == 0) return;
        Begin();
        reply.Call.Rest();
        for (var at = 0; at < bytes; at += options.WriteBytesMax) // in pieces: a slow client has the time for each
        {
            http.Response.BodyWriter.Write(buffer.Written.Span[at..Math.Min(bytes, at + options.WriteBytesMax)]);
            await http.Response.BodyWriter.FlushAsync(options, time, http.RequestAborted);
        }
        buffer.Drop(bytes);
        if (_isStream) reply.Call.Heard();
    }

    private void Begin()
    {
        if (http.Response.HasStarted) return;
        http.Response.StatusCode = (int)reply.Response.StatusCode;
        foreach (var (name, values) in reply.Response.Headers.NonValidated.Concat(reply.Response.Content.Headers.NonValidated))
            if (IsPassed(name)) http.Response.Headers[name] = values.ToString();
    }

    private static bool IsPassed(string name) => Passed.Contains(name, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(PassedGroups, group => name.StartsWith(group, StringComparison.OrdinalIgnoreCase));
}
