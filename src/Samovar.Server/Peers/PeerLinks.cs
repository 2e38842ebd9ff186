using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Relays;
using Samovar.Scheduling.Budgets;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>Sends turns to other nodes, and reads what they say.</summary>
/// <remarks>
/// One POST a turn (<see cref="RelayEnvelope"/>, then what the client sent). The answer is a status with an error's body or with the reason
/// of a refusal, or an event stream; both may also be the first event of a stream, where they took long. The answer counts as there with
/// that first event.
/// </remarks>
internal sealed partial class PeerLinks(
    PeerHttp http, PeerCalls calls, ClusterOptions options, MemoryShares memory, TurnOptions turns, TimeProvider time,
    ILogger<PeerLinks> logger) : IPeerLinks
{
    private const int EventsHeldMax = 2; // the last event says once more what was said before it

    /// <summary>Bytes of one event, and of what comes with it at once.</summary>
    public int EventBytesMax { get; } = (int)Math.Min(Array.MaxLength, EventsHeldMax * turns.LogBytesMax);

    public async ValueTask<PeerAnswer> SendAsync(ClusterNode to, RelayedRequest turn, CancellationToken turnCancelled)
    {
        var reply = await calls.SendAsync(
            to, http.Turns, call => Request(to, turn, call), options.RelaySilenceMax, CancellationToken.None, turnCancelled);
        var call = reply.Call;
        PeerStream? stream = null;
        try
        {
            call.Heard();
            if (!PeerAnswers.IsStream(reply.Response)) return await ReadEndAsync(reply);
            var body = await reply.Response.Content.ReadAsStreamAsync(call.Ended);
            stream = new PeerStream(reply, body, new ClaimedBuffer(new ByteClaim(memory.Logs, turn.Flow), EventBytesMax));
            var first = await stream.NextAsync(call.Ended) ?? throw new InvalidDataException("its answer ended before its first event");
            if (PeerEvents.EndOf(first) is { } end) return end;
            var running = new PeerAnswer.Running(PeerEvents.ReadAsync(first, null, stream));
            (reply, stream) = (null, null); // its reader's
            return running;
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault))
        {
            throw PeerEvents.Fault(fault, call);
        }
        finally
        {
            stream?.Dispose();
            reply?.Dispose();
        }
    }

    public async ValueTask<Usage?> CancelAsync(ClusterNode to, TenantId tenant, ResponseId id, CancellationToken caller)
    {
        using var late = new CancellationTokenSource(options.AskTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            using var request = http.Request(HttpMethod.Post, to, PeerPaths.Of(PeerPaths.Cancel, id), tenant);
            using var response = await http.Asks.SendAsync(request, either.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? PeerSpent.Read(await response.Content.ReadAsByteArrayAsync(either.Token)) : null;
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault) && !caller.IsCancellationRequested)
        {
            Log.NotCancelled(logger, id, to.Name, fault.Message); // it ends there by itself, after its grace
            return null;
        }
    }

    public async ValueTask<ApiException?> SayAsync(
        ClusterNode to, TenantId tenant, ResponseId id, SaidAway said, CancellationToken caller)
    {
        using var late = new CancellationTokenSource(options.AskTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            var path = PeerPaths.Of(PeerPaths.Steer, id) + (said.Id is { } name ? $"?{PeerPaths.SteerField}={name.Value}" : "");
            using var request = http.Request(HttpMethod.Post, to, path, tenant);
            request.Content = new ByteArrayContent(
                said.Id is null ? PassedFrames.Inject(id, said.Input) : PassedFrames.Steer(id, said.Input));
            using var response = await http.Asks.SendAsync(request, either.Token);
            return response.IsSuccessStatusCode ? null
                : PeerAnswers.ErrorOf(response, await response.Content.ReadAsByteArrayAsync(either.Token)) ?? NotActive();
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault))
        {
            Log.NotSaid(logger, id, to.Name, fault.Message);
            return NotActive();
        }

        ApiException NotActive() => new(Errors.ResponseNotActive, id);
    }

    private HttpRequestMessage Request(ClusterNode to, RelayedRequest turn, PeerCall call)
    {
        var request = http.Beginning(HttpMethod.Post, to, PeerPaths.TurnsOf(turn.Api), turn.Tenant);
        request.Content = new PeerContent(RelayEnvelope.Of(turn).Line(), turn.Sent, call.Sent);
        return request;
    }

    private async ValueTask<PeerAnswer> ReadEndAsync(PeerReply reply)
    {
        var (response, to, call) = (reply.Response, reply.Node, reply.Call);
        var json = await PeerAnswers.BodyAsync(response, call);
        if (response.StatusCode == HttpStatusCode.Conflict && PeerEvents.RefusalIn(json) is { } refused) return refused;
        if (PeerAnswers.ErrorOf(response, json) is { } error) return new PeerAnswer.Failed(error);
        Log.NoPeer(logger, to.Name, to.Address, (int)response.StatusCode);
        throw call.Lost($"has answered {(int)response.StatusCode}, and no word of a node");
    }

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Debug, "Turn {ResponseId} could not be cancelled at node {Node}: {Reason}")]
        public static partial void NotCancelled(ILogger logger, ResponseId responseId, NodeName node, string reason);

        [LoggerMessage(5046, LogLevel.Debug, "What was said to turn {ResponseId} did not come to node {Node}: {Reason}")]
        public static partial void NotSaid(ILogger logger, ResponseId responseId, NodeName node, string reason);

        [LoggerMessage(5021, LogLevel.Warning,
            "What answers for node {Node} at {Address} does not take this node's turns (status {Status}): has it the same Cluster:Key?")]
        public static partial void NoPeer(ILogger logger, NodeName node, Uri address, int status);
    }
}
