using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;
using Samovar.Server.Auth;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>
/// <c>POST …/chat/completions</c> and <c>POST …/messages</c>: the request becomes a create request, its turn runs like every other, and
/// the answer is read from the turn's event log. A client that leaves ends its turn.
/// </summary>
internal sealed class TranslatedEndpoint(
    KeyRing keys, TurnPipeline pipeline, IChainStore store, MemoryShares memory, HttpOptions options, TimeProvider time)
{
    // The answer does not show what was echoed.
    private static readonly ResponseEventOptions Events = new() { Snapshots = SnapshotKind.Slim, BeginsWithUsage = true };

    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http, ITranslation protocol)
    {
        var arrivedAt = time.GetTimestamp();
        var caller = keys.Require(http.Request);
        var flow = keys.FlowOf(http, caller);
        using var room = new BodyRoom(memory, flow, ITranslation.BodyCopies);
        var translated = await ReadAsync(http.Request, protocol, caller.Tenant, room, http.RequestAborted);
        var turn = new TurnRequest
        {
            Tenant = caller.Tenant,
            Flow = flow,
            Logs = room.Logs,
            Request = translated.Request with { Hints = SessionHints.Read(name => http.Request.Headers[name]) },
            Parents = new StoredParents(caller.Tenant, store),
            Events = Events,
            Form = LogForm.Events,
            ArrivedAt = arrivedAt,
        };
        try
        {
            await RunAsync(http, turn, translated.Answer, room.Logs);
        }
        catch (ApiException error)
        {
            throw translated.Places.Explain(error);
        }
    }

    private async Task<TranslatedRequest> ReadAsync(
        HttpRequest http, ITranslation protocol, TenantId tenant, BodyRoom room, CancellationToken caller)
    {
        try
        {
            return protocol.Read(await RequestBody.ReadAsync(http, options, room, time, caller), _limits);
        }
        catch (ApiException error)
        {
            pipeline.NoteRefused(tenant, RequestBody.Unread(http), error);
            throw;
        }
    }

    private async Task RunAsync(HttpContext http, TurnRequest turn, IAnswerTranslator answer, LogRoom logs)
    {
        var running = pipeline.Begin(turn, http.RequestAborted);
        try
        {
            var log = await running.Began;
            if (turn.Request.Stream) await StreamAsync(http, log, answer);
            else await WholeAsync(http, log, answer, logs);
        }
        finally
        {
            running.Cancel(); // does nothing to a turn that has ended
            await running.Ended;
        }
    }

    private Task StreamAsync(HttpContext http, EventLog log, IAnswerTranslator answer)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return new SseWriter(http.Response.BodyWriter, new TranslatedSse(answer, Events), options, time)
            .WriteAsync(log, http.RequestAborted);
    }

    /// <remarks>What is kept for the answer, and the answer, are counted until the request is over.</remarks>
    private static async Task WholeAsync(HttpContext http, EventLog log, IAnswerTranslator answer, LogRoom logs)
    {
        var events = await WrittenAsync(log, logs, http.RequestAborted);
        if (events is not [.., { IsTerminal: true, Response: { } response } last])
            throw new ApiException(Errors.Internal); // the turn broke so badly that it could not say so
        if (last.Type == "response.failed") throw ResponseFailure.Of(response);
        var whole = answer.Whole(events, last);
        logs.Take(whole.Length);
        await JsonReply.WriteAsync(http, StatusCodes.Status200OK, whole);
    }

    /// <summary>What a whole answer is made from, read as it comes: what deltas add up to is repeated at their end.</summary>
    private static async Task<List<EventView>> WrittenAsync(EventLog log, LogRoom logs, CancellationToken readerGone)
    {
        var events = new List<EventView>();
        using var reader = log.Open();
        while (await reader.WaitAsync(readerGone))
        {
            if (!reader.TryRead(out var e)) continue;
            if (!e.IsTerminal && e.Type is not ("response.output_item.done" or "response.output_text.done")) continue;
            logs.Take(e.Bytes);
            events.Add(EventViews.Of(e.Event!, e.Number, Events));
        }
        return events;
    }
}
