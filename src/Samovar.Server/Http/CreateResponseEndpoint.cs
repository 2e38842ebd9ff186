using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Running;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Server.Preferences;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary><c>POST …/responses</c>: one turn, answered whole or as an event stream. A client that leaves ends its turn.</summary>
internal sealed class CreateResponseEndpoint(
    TurnDoor door, TurnPipeline pipeline, BackgroundTurns background, IChainStore store, MemoryShares memory, RateLimitHeaders limits,
    HttpOptions options, TimeProvider time)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http)
    {
        var arrivedAt = time.GetTimestamp();
        var (tenant, flow) = door.CallerOf(http);
        var events = EventPreferences.Read(http.Request);
        var room = new BodyRoom(memory, flow);
        using var held = new Handover(room);
        var (request, sent, receivedAt) = await ReadAsync(http.Request, tenant, room, http.RequestAborted);
        var turn = TurnOf(tenant, flow, request, events, arrivedAt) with
        {
            Sent = new SentRequest(sent, IsBareFrame: null),
            Logs = room.Logs, Intake = new RequestIntake(arrivedAt, receivedAt, time.GetTimestamp()), Client = ClientName.Of(http.Request),
        };
        if (await door.IsAnsweredElsewhereAsync(http, turn, sent, ResponsesSse.Instance)) return;
        limits.Show(http, request.Model, tenant, flow);
        if (request.Background)
        {
            await BeginAsync(http, turn, held);
            return;
        }
        await using var running = new RequestTurn(pipeline.Begin(turn, http.RequestAborted));
        if (request.Stream) await new SseAnswer(http, ResponsesSse.Instance, options, time).WriteAsync(running.Turn.Began);
        else await new WholeAnswer(http, options, time).WriteAsync(running.Keep(WholeAsync(running, http.RequestAborted)),
            running.Turn.Times);
    }

    /// <summary>The turn goes on without its client, who may read it here.</summary>
    private async Task BeginAsync(HttpContext http, TurnRequest turn, Handover held)
    {
        BackgroundStart start;
        try
        {
            turn = turn with { Form = LogForm.Written, Logs = null, Sent = null };
            start = await background.StartAsync(turn, held.Room, http.RequestAborted);
        }
        catch (ApiException error)
        {
            pipeline.NoteRefused(turn.Tenant, turn.Request, error);
            throw;
        }
        held.IsOver = true;
        if (turn.Request.Stream) await Replay.WriteAsync(http, start.Turn, after: -1, options, time);
        else await JsonReply.WriteAsync(http, StatusCodes.Status200OK, start.Queued);
    }

    private async Task<(CreateRequest Request, ReadOnlyMemory<byte> Sent, long ReceivedAt)> ReadAsync(
        HttpRequest http, TenantId tenant, BodyRoom room, CancellationToken caller)
    {
        try
        {
            var body = await RequestBody.ReadAsync(
                http, options, room, time, caller, begun => pipeline.Coming.Expect(store, tenant, begun.Span));
            var receivedAt = time.GetTimestamp();
            var hints = SessionHints.Read(name => http.Headers[name]);
            return (CreateRequestReader.Read(body, CreateRequestOrigin.Http, _limits, hints), body, receivedAt);
        }
        catch (ApiException error)
        {
            pipeline.NoteRefused(tenant, RequestBody.Unread(http), error);
            throw;
        }
    }

    private TurnRequest TurnOf(TenantId tenant, FlowId flow, CreateRequest request, ResponseEventOptions events, long arrivedAt) => new()
    {
        Tenant = tenant,
        Flow = flow,
        Request = request,
        Parents = new StoredParents(tenant, store),
        Events = events,
        Form = request.Stream ? LogForm.Written : LogForm.EndAlone,
        ArrivedAt = arrivedAt,
    };

    /// <summary>The response inside the turn's terminal event.</summary>
    private static async Task<ReadOnlyMemory<byte>> WholeAsync(RequestTurn running, CancellationToken readerGone) =>
        EventSplice.ResponseOf((await running.EndAsync(readerGone)).Json).Utf8;

    /// <summary>The request's memory: given back with the request, unless its turn goes on and has it.</summary>
    private sealed class Handover(BodyRoom room) : IDisposable
    {
        public BodyRoom Room { get; } = room;
        public bool IsOver { get; set; }

        public void Dispose()
        {
            if (!IsOver) Room.Dispose();
        }
    }
}
