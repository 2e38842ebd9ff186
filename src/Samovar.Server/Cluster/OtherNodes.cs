using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>Answers with what another node answers that knows the response.</summary>
internal sealed class OtherNodes(PeerQuestions questions, ReadsElsewhere reads, NodeEdge edge, TimeProvider time) : IOtherNodes
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(30); // of a turn that is cancelled there

    public async ValueTask<bool> TryAnswerAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        if (await questions.FindAsync(tenant, id, http.RequestAborted) is not { } node) return false;
        var isCancel = HttpMethods.IsPost(http.Request.Method);
        var path = PeerPaths.Of(isCancel ? PeerPaths.CancelResponse : PeerPaths.Responses, id) + http.Request.QueryString;
        using var place = reads.Enter(tenant);
        using var late = new CancellationTokenSource(EndMax, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, edge.Closing);
        using var reply = await questions.AskAsync(
            node, new HttpMethod(http.Request.Method), path, tenant, edge.SilenceMax, late.Token, ends.Token);
        if (reply is null) // it has just said that it knows it
            throw edge.Closing.IsCancellationRequested ? new ApiException(Errors.ServerStopping) : reads.Full();
        if ((int)reply.Response.StatusCode == StatusCodes.Status404NotFound) return false;
        await new PassedAnswer(http, edge.Options, time).CopyAsync(reply);
        return true;
    }
}
