using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Server.Peers;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Cluster;

/// <summary>Brings what would add to a chain to the node that owns it, once: what was passed on is passed no further.</summary>
/// <remarks>
/// An owner that is not there, ends, or has let go of the chain is looked up again, for as long as a silent node is waited for: meanwhile
/// it may be declared dead, and then the chain is anybody's. What was sent to one that is lost then may have been done, and is not sent
/// twice: its client is told. Where this node has no place for a request that is elsewhere, that says nothing of the owner: its client is
/// told to ask again, and the chain stays where it is.
/// </remarks>
internal sealed partial class OwnerNodes(
    HomeCalls calls, ChainOwners owners, TurnsElsewhere elsewhere, ClusterMetrics metrics, ClusterOptions cluster, NodeEdge edge,
    TimeProvider time, ILogger<OwnerNodes> logger) : IOwnerNodes
{
    public async Task ChangeAsync(HttpContext http, TenantId tenant, FlowId flow, ReadOnlyMemory<byte> body, Func<Task> here)
    {
        for (var begun = time.GetTimestamp(); ;)
        {
            try
            {
                await here();
                return;
            }
            catch (ApiException refused) when (OwnerIn(refused) is { } owner && http.Features.Get<PeerCaller>() is null)
            {
                if (await TryPassAsync(http, owner, new Passing(tenant, flow, body))) return;
                if (time.GetElapsedTime(begun) > cluster.RelaySilenceMax) throw;
            }
            await Task.Delay(cluster.HandOverPause, time, http.RequestAborted);
        }
    }

    public async ValueTask<bool> TryBeginAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body)
    {
        if (http.Features.Get<PeerCaller>() is not null)
        {
            metrics.Received("begun");
            return false;
        }
        if (await owners.FindOtherAsync(turn.Tenant, turn.Request, http.RequestAborted) is not { } owner) return false;
        Enter(turn.Flow);
        var (outcome, begun) = ("refused", time.GetTimestamp());
        try
        {
            var isBegun = await TrySendAsync(http, owner, new Passing(turn.Tenant, turn.Flow, body));
            if (isBegun) outcome = "ended";
            return isBegun;
        }
        catch
        {
            outcome = "failed";
            throw;
        }
        finally
        {
            elsewhere.Leave(turn.Flow);
            metrics.Relayed(outcome, outcome == "ended" ? time.GetElapsedTime(begun) : null);
        }
    }

    private static ClusterNode? OwnerIn(ApiException error) =>
        error.Kind == Errors.ChainElsewhere ? (error.InnerException as ChainElsewhereException)?.Owner : null;

    /// <inheritdoc cref="TrySendAsync"/>
    private async Task<bool> TryPassAsync(HttpContext http, ClusterNode owner, Passing request)
    {
        Enter(request.Flow);
        try { return await TrySendAsync(http, owner, request); }
        finally
        {
            elsewhere.Leave(request.Flow);
        }
    }

    /// <exception cref="ApiException">There is no place here.</exception>
    private void Enter(FlowId flow)
    {
        if (!elsewhere.TryEnter(flow)) throw elsewhere.Full();
    }

    /// <returns>False where that node does not take it; nothing was answered.</returns>
    private async Task<bool> TrySendAsync(HttpContext http, ClusterNode owner, Passing request)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, edge.Closing);
        try
        {
            using var reply = await calls.SendAsync(owner, http.Request, request, edge.SilenceMax, ends.Token);
            if (!reply.Response.IsSuccessStatusCode) return await PeerAnswers.ErrorAsync(reply.Response, reply.Call) is { } error
                && !IsOfItself(error) ? throw error : false;
            await new PassedAnswer(http, edge.Options, time).CopyAsync(reply);
            return true;
        }
        catch (PeerLostException lost)
        {
            Log.NotTaken(logger, lost.Message);
            return lost.WasSent ? throw new ApiException(Errors.NodeLost, [], cause: lost) : false;
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault) && !http.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(edge.Closing.IsCancellationRequested ? Errors.ServerStopping : Errors.NodeLost, [], cause: fault);
        }
    }

    /// <summary>Whether a node says that it is not the one that can do it, now or any more.</summary>
    private static bool IsOfItself(ApiException error) => error.Kind == Errors.ChainElsewhere || error.Kind == Errors.ServerStopping;

    private static partial class Log
    {
        [LoggerMessage(5045, LogLevel.Debug, "A chain's owner does not take what would add to it: {Reason}")]
        public static partial void NotTaken(ILogger logger, string reason);
    }
}
