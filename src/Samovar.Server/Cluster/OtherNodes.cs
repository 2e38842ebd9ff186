using System.Buffers;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>Answers with what another node answers that knows the response.</summary>
internal sealed class OtherNodes(PeerQuestions questions, HttpOptions options, TimeProvider time) : IOtherNodes
{
    private const int PieceBytes = 16 << 10, KeepAlivesMissed = 3;
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(30); // of a turn that is cancelled there
    private static readonly string[] Passed = ["Content-Type", "Content-Length", "Cache-Control", "Retry-After", "X-Accel-Buffering"];

    public async ValueTask<bool> TryAnswerAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        if (await questions.FindAsync(tenant, id, http.RequestAborted) is not { } node) return false;
        var isCancel = HttpMethods.IsPost(http.Request.Method);
        var path = PeerPaths.Of(isCancel ? PeerPaths.CancelResponse : PeerPaths.Responses, id) + http.Request.QueryString;
        var silenceMax = KeepAlivesMissed * options.KeepAliveInterval;
        using var late = new CancellationTokenSource(EndMax, time);
        using var reply = await questions.AskAsync(
            node, new HttpMethod(http.Request.Method), path, tenant, silenceMax, late.Token, http.RequestAborted);
        if (reply is null || (int)reply.Response.StatusCode == StatusCodes.Status404NotFound) return false;
        await CopyAsync(reply, http);
        return true;
    }

    /// <summary>As it comes. Half an answer that breaks off does not look whole.</summary>
    private async Task CopyAsync(PeerReply reply, HttpContext http)
    {
        http.Response.StatusCode = (int)reply.Response.StatusCode;
        foreach (var name in Passed)
            if (reply.Response.Headers.NonValidated.TryGetValues(name, out var values)
                || reply.Response.Content.Headers.NonValidated.TryGetValues(name, out values))
                http.Response.Headers[name] = values.ToString();
        if (HttpMethods.IsHead(http.Request.Method)) return;
        var body = http.Response.BodyWriter;
        try
        {
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
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault) && !http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
    }
}
