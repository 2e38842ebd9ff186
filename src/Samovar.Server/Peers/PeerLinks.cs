using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
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
    PeerHttp http, PeerDeaths deaths, ClusterOptions options, MemoryShares memory, TurnOptions turns, TimeProvider time,
    ILogger<PeerLinks> logger) : IPeerLinks
{
    private const int EventsHeldMax = 2; // the last event says once more what was said before it

    /// <summary>Bytes of one event, and of what comes with it at once.</summary>
    public int EventBytesMax { get; } = (int)Math.Min(Array.MaxLength, EventsHeldMax * turns.LogBytesMax);

    public async ValueTask<PeerAnswer> SendAsync(ClusterNode to, RelayedRequest turn, CancellationToken turnCancelled)
    {
        var call = new PeerCall(to, deaths.Watch(to.Incarnation), options.RelaySilenceMax, time, turnCancelled);
        HttpResponseMessage? response = null;
        PeerStream? stream = null;
        try
        {
            using var request = http.Request(HttpMethod.Post, to, PeerPaths.Turns);
            request.Content = new PeerContent(RelayEnvelope.Of(turn).Line(), turn.Sent, call.Sent);
            response = await http.Turns.SendAsync(request, call.Ended);
            call.Heard();
            if (!PeerAnswers.IsStream(response)) return await ReadEndAsync(response, to, call);
            var buffer = new ClaimedBuffer(new ByteClaim(memory.Logs, turn.Flow), EventBytesMax);
            stream = new PeerStream(response, await response.Content.ReadAsStreamAsync(call.Ended), buffer, call);
            response = null; // the stream's
            var first = await stream.NextAsync(call.Ended) ?? throw new InvalidDataException("its answer ended before its first event");
            if (PeerEvents.EndOf(first) is { } end) return end;
            var running = new PeerAnswer.Running(PeerEvents.ReadAsync(first, null, stream, call));
            (call, stream) = (null, null); // its reader's
            return running;
        }
        catch (Exception fault) when (call is not null && PeerEvents.IsOfConnection(fault))
        {
            throw PeerEvents.Fault(fault, call);
        }
        finally
        {
            response?.Dispose();
            stream?.Dispose();
            call?.Dispose();
        }
    }

    public async ValueTask CancelAsync(ClusterNode to, TenantId tenant, ResponseId id, CancellationToken caller)
    {
        using var late = new CancellationTokenSource(options.AskTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            using var request = http.Request(HttpMethod.Post, to, PeerPaths.Of(PeerPaths.Cancel, id), tenant);
            using var response = await http.Asks.SendAsync(request, either.Token);
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault) && !caller.IsCancellationRequested)
        {
            Log.NotCancelled(logger, id, to.Name, fault.Message); // it ends there by itself, after its grace
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

    private async ValueTask<PeerAnswer> ReadEndAsync(HttpResponseMessage response, ClusterNode to, PeerCall call)
    {
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
