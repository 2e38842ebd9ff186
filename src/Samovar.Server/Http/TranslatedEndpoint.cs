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
using Samovar.Server.Preferences;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>
/// <c>POST …/chat/completions</c> and <c>POST …/messages</c>: the request becomes a create request, its turn runs like every other, and
/// the answer is read from the turn's event log. A client that leaves ends its turn.
/// </summary>
internal sealed class TranslatedEndpoint(
    TurnDoor door, TurnPipeline pipeline, IChainStore store, MemoryShares memory, RateLimitHeaders limits, HttpOptions options,
    TimeProvider time)
{
    // The answer does not show what was echoed.
    private static readonly ResponseEventOptions Events = new() { Snapshots = SnapshotKind.Translated, BeginsWithUsage = true };

    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http, ITranslation protocol)
    {
        var arrivedAt = time.GetTimestamp();
        var (tenant, flow) = door.CallerOf(http);
        using var room = new BodyRoom(memory, flow, ITranslation.BodyCopies);
        var (translated, body, receivedAt) = await ReadAsync(http.Request, protocol, tenant, room, http.RequestAborted);
        var turn = new TurnRequest
        {
            Tenant = tenant,
            Flow = flow,
            Logs = room.Logs,
            Sent = protocol.Api == ClientApi.Chat ? null : new SentRequest(body, IsBareFrame: null, protocol.Api), // it goes to no owner
            Request = translated.Request with { Hints = SessionHints.Read(name => http.Request.Headers[name]) },
            Parents = new StoredParents(tenant, store),
            Events = Events,
            Form = LogForm.Events,
            IsWhole = !translated.Request.Stream,
            IsChatCompletion = protocol.Api == ClientApi.Chat,
            ArrivedAt = arrivedAt,
            Intake = new RequestIntake(arrivedAt, receivedAt, time.GetTimestamp()),
            Client = ClientName.Of(http.Request),
        };
        if (await door.IsAnsweredElsewhereAsync(http, turn, body, new TranslatedSse(translated.Answer, Events))) return;
        limits.Show(http, translated.Request.Model, tenant, flow);
        await RunAsync(http, turn, translated, room.Logs);
    }

    private async Task<(TranslatedRequest Request, ReadOnlyMemory<byte> Body, long ReceivedAt)> ReadAsync(
        HttpRequest http, ITranslation protocol, TenantId tenant, BodyRoom room, CancellationToken caller)
    {
        try
        {
            var body = await RequestBody.ReadAsync(http, options, room, time, caller);
            var receivedAt = time.GetTimestamp();
            return (protocol.Read(body, _limits), body, receivedAt);
        }
        catch (ApiException error)
        {
            pipeline.NoteRefused(tenant, RequestBody.Unread(http), error);
            throw;
        }
    }

    private async Task RunAsync(HttpContext http, TurnRequest turn, TranslatedRequest translated, LogRoom logs)
    {
        await using var running = new RequestTurn(pipeline.Begin(turn, http.RequestAborted));
        if (turn.Request.Stream)
            await new SseAnswer(http, new TranslatedSse(translated.Answer, Events), options, time)
                .WriteAsync(ExplainedAsync(running.Turn.Began, translated.Places));
        else
            await new WholeAnswer(http, options, time).WriteAsync(running.Keep(ExplainedAsync(
                WholeAsync(running.Turn.Began, translated.Answer, logs, http.RequestAborted), translated.Places)), running.Turn.Times);
    }

    /// <summary>The same, its error about the client's own fields.</summary>
    private static async Task<T> ExplainedAsync<T>(Task<T> step, PlaceNames places)
    {
        try { return await step; }
        catch (ApiException error)
        {
            throw places.Explain(error);
        }
    }

    /// <remarks>What is kept for the answer, and the answer, are counted until the request is over.</remarks>
    private static async Task<ReadOnlyMemory<byte>> WholeAsync(
        Task<EventLog> began, IAnswerTranslator answer, LogRoom logs, CancellationToken readerGone)
    {
        var events = await WrittenAsync(await began, logs, readerGone);
        if (events is not [.., { IsTerminal: true, Response: { } response } last])
            throw new ApiException(Errors.Internal); // the turn broke so badly that it could not say so
        if (last.Type == "response.failed") throw ResponseFailure.Of(response);
        var whole = answer.Whole(events, last);
        logs.Take(whole.Length);
        return whole;
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
            events.Add(e.ViewAs(Events));
        }
        return events;
    }
}
