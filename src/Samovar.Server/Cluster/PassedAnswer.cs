using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>Answers with what another node answers, as it comes. Half an answer that breaks off does not look whole.</summary>
internal sealed class PassedAnswer(HttpContext http, HttpOptions options, TimeProvider time)
{
    private const int PieceBytes = 16 << 10;
    private static readonly string[] Passed = ["Content-Type", "Content-Length", "Cache-Control", "Retry-After", "X-Accel-Buffering"];

    /// <param name="reply">Its body not read yet.</param>
    public async Task CopyAsync(PeerReply reply)
    {
        http.Response.StatusCode = (int)reply.Response.StatusCode;
        foreach (var name in Passed)
            if (reply.Response.Headers.NonValidated.TryGetValues(name, out var values)
                || reply.Response.Content.Headers.NonValidated.TryGetValues(name, out values))
                http.Response.Headers[name] = values.ToString();
        if (HttpMethods.IsHead(http.Request.Method)) return;
        try
        {
            await CopyBodyAsync(reply);
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault) && !http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
    }

    private async Task CopyBodyAsync(PeerReply reply)
    {
        var body = http.Response.BodyWriter;
        await using var from = await reply.Response.Content.ReadAsStreamAsync(reply.Call.Ended);
        await body.FlushAsync(options, time, http.RequestAborted); // the next event may be far
        while (await from.ReadAsync(body.GetMemory(PieceBytes), reply.Call.Ended) is > 0 and var read)
        {
            reply.Call.Rest();
            body.Advance(read);
            await body.FlushAsync(options, time, http.RequestAborted);
            reply.Call.Heard();
        }
    }
}
