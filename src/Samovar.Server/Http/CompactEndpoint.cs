using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Compaction;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;
using Samovar.Server.Auth;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>
/// <c>POST …/responses/compact</c>: a conversation becomes a window, the user's messages and one compaction, which the next request's input
/// begins with. Nothing of it is stored.
/// </summary>
internal sealed class CompactEndpoint(
    KeyRing keys, TurnPipeline pipeline, WindowOpener windows, IChainStore store, MemoryShares memory, HttpOptions options,
    TimeProvider time)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http)
    {
        var arrivedAt = time.GetTimestamp();
        var caller = keys.Require(http.Request);
        var flow = keys.FlowOf(http, caller);
        using var room = new BodyRoom(memory, flow);
        var body = await RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted);
        var receivedAt = time.GetTimestamp();
        var request = CompactRequestReader.Read(body, _limits, SessionHints.Read(name => http.Request.Headers[name]));
        await using var running = new RequestTurn(pipeline.Begin(new TurnRequest
        {
            Tenant = caller.Tenant, Flow = flow, Request = request, Parents = new StoredParents(caller.Tenant, store),
            Form = LogForm.EndAlone, IsWindowAlone = true, Logs = room.Logs, ArrivedAt = arrivedAt,
            Intake = new RequestIntake(arrivedAt, receivedAt, time.GetTimestamp()),
        }, http.RequestAborted));
        await new WholeAnswer(http, options, time).WriteAsync(running.Keep(WindowAsync(running, http.RequestAborted)),
            running.Turn.Times);
    }

    private async Task<ReadOnlyMemory<byte>> WindowAsync(RequestTurn running, CancellationToken readerGone)
    {
        var last = await running.EndAsync(readerGone);
        if (await running.Turn.Ended is { } node) return JsonBuffer.Bytes((node, windows.ShownAfter(node)), Write);
        throw ResponseReader.TryRead(EventSplice.ResponseOf(last.Json).Utf8, ProtocolLimits.Peer, out var failed)
            ? ResponseFailure.Of(failed) : new ApiException(Errors.Internal);
    }

    private static void Write(Utf8JsonWriter json, (ChainNode Node, IReadOnlyList<Item> Output) window)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, window.Node.Id.Value);
        json.WriteString("object"u8, "response.compaction"u8);
        json.WriteNumber("created_at"u8, window.Node.Response.CreatedAt.ToUnixTimeSeconds());
        json.WriteStartArray("output"u8);
        for (var at = 0; at < window.Output.Count; at++)
        {
            var item = window.Output[at];
            ListedItem.Write(json, item, item.Id ?? ItemNames.ByPlace(item, window.Node.Id.Value, at));
        }
        json.WriteEndArray();
        UsageWriter.Write(json, window.Node.Response.Usage ?? Usage.Zero);
        json.WriteEndObject();
    }
}
