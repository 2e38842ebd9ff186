using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Relays;
using Samovar.Scheduling.Budgets;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Server.Peers;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Cluster;

/// <summary>Brings turns whose clients send all of their conversation to its home, once: what was passed on is passed no further.</summary>
/// <remarks>
/// A home is a matter of warmth alone. One that cannot be reached, that refuses, or that is lost before its client has heard anything is
/// done without: the turn runs here. It holds no place here while it is elsewhere; its quotas are counted, and its request is logged, where
/// it runs.
/// </remarks>
internal sealed partial class HomeNodes(
    HomeCalls calls, ICluster cluster, TurnsElsewhere elsewhere, ModelRouter router, NodeEdge edge, ClusterMetrics metrics,
    TimeProvider time, ILogger<HomeNodes> logger) : IHomeNodes
{
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body, ISseForm form)
    {
        if (http.Features.Get<PeerCaller>() is not null)
        {
            metrics.Received("begun");
            return false;
        }
        if (HomeOf(turn) is not { } home) return false;
        if (!elsewhere.TryEnter(turn.Flow)) return false;
        try { return await PassAsync(http, home, turn, body, form); }
        finally
        {
            elsewhere.Leave(turn.Flow);
        }
    }

    /// <summary>Null where it is this node, or there is none.</summary>
    private ClusterNode? HomeOf(TurnRequest turn)
    {
        if (!cluster.Standing.MayBegin || !Homes.AreFor(turn.Request, sendsAll: turn.IsChatCompletion)
            || !router.IsMadeHere(turn.Request.Model)) return null;
        var home = Homes.Of(Homes.KeyOf(turn.Tenant, turn.Request), cluster.Nodes);
        return home is null || home.Incarnation == cluster.Standing.Incarnation ? null : home;
    }

    private async Task<bool> PassAsync(HttpContext http, ClusterNode home, TurnRequest turn, ReadOnlyMemory<byte> body, ISseForm form)
    {
        var (outcome, first, begun) = ("failed", (TimeSpan?)null, time.GetTimestamp());
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, edge.Closing);
        try
        {
            using var reply = await calls.SendAsync(home, http.Request, new Passing(turn.Tenant, turn.Flow, body, !turn.Request.Stream),
                edge.SilenceMax, ends.Token);
            if (IsRefusal(reply.Response))
            {
                outcome = "refused";
                return false;
            }
            first = time.GetElapsedTime(begun);
            using var buffer = new ClaimedBuffer(new ByteClaim(edge.Memory.Logs, turn.Flow), edge.AnswerBytesMax);
            var answer = new HomeAnswer(http, reply, buffer, edge.Options, time);
            if (await answer.PassAsync())
            {
                outcome = reply.Response.IsSuccessStatusCode ? "ended" : "failed";
                return true;
            }
            var isCut = edge.Closing.IsCancellationRequested; // by this node: nothing is wrong with the home
            if (!isCut)
            {
                outcome = "broken";
                Log.Lost(logger, home.Name, http.Response.HasStarted);
            }
            if (!http.Response.HasStarted) return false;
            await answer.BreakAsync(form, isCut ? Errors.ServerStopping : Errors.NodeLost);
            return true;
        }
        catch (PeerLostException lost)
        {
            outcome = lost.WasSent ? "broken" : "not_reached";
            Log.NotThere(logger, lost.Message);
            return false;
        }
        catch (OperationCanceledException) when (edge.Closing.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            return false; // it is refused here
        }
        finally
        {
            metrics.Relayed(outcome, first);
        }
    }

    /// <summary>It ends, has too much to do, or knows nothing of the address or the model.</summary>
    private static bool IsRefusal(HttpResponseMessage response) =>
        (int)response.StatusCode is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status404NotFound;

    private static partial class Log
    {
        [LoggerMessage(5023, LogLevel.Debug, "A turn runs here and not at its home: {Reason}")]
        public static partial void NotThere(ILogger logger, string reason);

        [LoggerMessage(5024, LogLevel.Warning, "Node {Node} was lost while it answered; its client had heard something: {WasHeard}")]
        public static partial void Lost(ILogger logger, NodeName node, bool wasHeard);
    }
}

/// <summary>What clients of this node are answered by.</summary>
/// <param name="AnswerBytesMax">Bytes of another node's answer that are held at once.</param>
/// <param name="Closing">Cancelled when this node has waited for long enough for its turns.</param>
internal sealed record NodeEdge(HttpOptions Options, MemoryShares Memory, int AnswerBytesMax, CancellationToken Closing)
{
    private const int KeepAlivesMissed = 3;

    /// <summary>How long another node's answer may stop.</summary>
    public TimeSpan SilenceMax => KeepAlivesMissed * Options.KeepAliveInterval;
}
