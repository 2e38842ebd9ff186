using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Http;
using Samovar.Server.Peers;
using Samovar.Turns;

namespace Samovar.Server.Cluster;

/// <summary>Turns that other nodes send here: taken, ended, and read again.</summary>
internal sealed class RelayEndpoint(
    RelayReception reception, IChainStore store, MemoryShares memory, RelayBounds bounds, TimeProvider time)
{
    private readonly ProtocolLimits _limits =
        (ProtocolLimits.Default with { FrameBytesMax = bounds.Http.BodyBytesMax }).ForRequests();

    /// <summary><c>POST /cluster/turns</c>, and the same for turns whose clients speak another protocol.</summary>
    public async Task TakeAsync(HttpContext http, ClientApi api)
    {
        var envelope = await EnvelopeAsync(http.Request, http.RequestAborted);
        var room = new BodyRoom(memory, new FlowId(envelope.Flow), api == ClientApi.Responses ? 1 : ITranslation.BodyCopies);
        var isHeld = false;
        try
        {
            var sent = envelope.With(await RequestBody.ReadAsync(http.Request, bounds.Http, room, time, http.RequestAborted), api);
            var receiving = reception.ReceiveAsync(sent, Read(sent), Hold, http.RequestAborted).AsTask();
            await new RelayAnswer(http, bounds.Http, time).WriteAsync(receiving);
        }
        finally
        {
            if (!isHeld) room.Dispose();
        }

        IDisposable Hold()
        {
            isHeld = true;
            return room;
        }
    }

    /// <summary><c>POST /cluster/turns/ID/cancel</c>.</summary>
    public async Task CancelAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        var (isHere, spent) = await reception.CancelAsync(tenant, id, http.RequestAborted);
        if (!isHere) await PeerDoor.NotFound(http);
        else if (spent is null) http.Response.StatusCode = StatusCodes.Status204NoContent;
        else await http.Response.BodyWriter.WriteAsync(PeerSpent.Of(spent).Json(), http.RequestAborted);
    }

    /// <summary><c>POST /cluster/turns/ID/steer</c>: what the client of a turn that runs here says to it, as a frame.</summary>
    public async Task SayAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        using var room = new BodyRoom(memory, new FlowId(tenant.Value));
        var said = await RequestBody.ReadAsync(http.Request, bounds.Http, room, time, http.RequestAborted);
        switch (ClientFrameReader.Read(said, _limits))
        {
            case ClientFrame.Steer { Fault: null } steer:
                reception.Say(tenant, id, new SteerId(http.Request.Query[PeerPaths.SteerField].ToString()), steer.Input);
                break;
            case ClientFrame.Inject { Fault: null } inject:
                reception.Say(tenant, id, name: null, inject.Input);
                break;
            default:
                throw new InvalidDataException("A node has passed on words that cannot be read.");
        }
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary><c>GET /cluster/turns/ID/events</c>: of one that runs here, or has just ended.</summary>
    public async Task ReadAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        var after = long.TryParse(http.Request.Query["starting_after"], out var said) ? said : -1;
        if (await reception.FindAsync(tenant, id, after, http.RequestAborted) is not { } turn)
        {
            await PeerDoor.NotFound(http);
            return;
        }
        if (!turn.Log.Reaches(after)) throw new ApiException(Errors.EventsExpired, [id, after + 1], "starting_after");
        var parents = new StoredParents(tenant, store);
        turn.Attach(parents); // it goes on as long as it is read
        try
        {
            turn.NoteResumed();
            using var reader = turn.Open(after);
            await new SseAnswer(http, PeerSse.Instance, bounds.Http, time).WriteAsync(reader, () => new ApiException(
                Errors.EventsExpired, [id, reader.Next]));
        }
        finally
        {
            turn.Detach(parents);
        }
    }

    private CreateRequest Read(RelayedRequest sent) => sent switch
    {
        { Api: ClientApi.Messages } => new MessagesTranslation().Read(sent.Sent, _limits).Request with { Hints = sent.Hints },
        { IsBareFrame: null } => CreateRequestReader.Read(sent.Sent, CreateRequestOrigin.Http, _limits, sent.Hints),
        _ => ReadFrame(sent),
    };

    private CreateRequest ReadFrame(RelayedRequest sent) => ClientFrameReader.Read(sent.Sent, _limits, sent.Hints) switch
    {
        ClientFrame.Bare { Request: var request } when sent.IsBareFrame == true => request,
        ClientFrame.Create { Request: var request } when sent.IsBareFrame == false => request,
        _ => throw new InvalidDataException("A node has sent a frame that begins no turn, or another than it says."),
    };

    private static async ValueTask<RelayEnvelope> EnvelopeAsync(HttpRequest request, CancellationToken caller)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(caller);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return RelayEnvelope.Read(line);
            }
            if (read.IsCompleted || read.Buffer.Length > RelayEnvelope.BytesMax)
                throw new JsonException("A node has sent no turn, or one with too long a line in front.");
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}

/// <summary>How long nodes wait for each other, and how much they send.</summary>
/// <param name="Http">A stream's silence is filled before the other node gives it up; who reads slowly there has a client that does, who
/// is given up first.</param>
internal sealed record RelayBounds(HttpOptions Http)
{
    private const int BreathsPerSilence = 3, SlowReaders = 2;

    /// <param name="frameBytesMax">Bytes of a WebSocket's message.</param>
    public static RelayBounds Of(HttpOptions http, ClusterOptions cluster, int frameBytesMax) => new(new HttpOptions
    {
        BodyBytesMax = Math.Max(http.BodyBytesMax, frameBytesMax),
        BodyTimeMax = http.BodyTimeMax,
        KeepAliveInterval = cluster.RelaySilenceMax / BreathsPerSilence,
        WriteBytesMax = http.WriteBytesMax,
        WriteTimeMax = SlowReaders * http.WriteTimeMax,
    });
}
