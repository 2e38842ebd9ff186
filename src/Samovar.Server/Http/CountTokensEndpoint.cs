using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Server.Auth;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary><c>POST …/messages/count_tokens</c>: how many tokens a Messages request's input has, as its model counts them.</summary>
internal sealed class CountTokensEndpoint(
    KeyRing keys, InputCount count, IChainStore store, MemoryShares memory, HttpOptions options, TimeProvider time)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http)
    {
        var caller = keys.Require(http.Request);
        using var room = new BodyRoom(memory, keys.FlowOf(http, caller), ITranslation.BodyCopies);
        var body = await RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted);
        var translated = MessagesRequestReader.Read(body, _limits);
        try
        {
            var turn = new TurnRequest
            {
                Tenant = caller.Tenant, Flow = keys.FlowOf(http, caller),
                Request = translated.Request with { Hints = SessionHints.Read(name => http.Request.Headers[name]) },
                Parents = new StoredParents(caller.Tenant, store),
            };
            var tokens = await count.OfAsync(turn, http.RequestAborted);
            int? original = turn.Request.Edits.Count == 0 ? null
                : await count.OfAsync(turn with { Request = turn.Request.Unedited() }, http.RequestAborted);
            await JsonReply.WriteAsync(http, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("input_tokens"u8, tokens);
                if (original is { } whole)
                {
                    json.WriteStartObject("context_management"u8);
                    json.WriteNumber("original_input_tokens"u8, whole);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            });
        }
        catch (ApiException error)
        {
            throw translated.Places.Explain(error);
        }
    }
}
