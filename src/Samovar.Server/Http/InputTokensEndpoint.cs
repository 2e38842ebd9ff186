using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Server.Auth;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary><c>POST …/responses/input_tokens</c>: how many tokens a request's input has, as its model counts them.</summary>
internal sealed class InputTokensEndpoint(
    KeyRing keys, InputCount count, IChainStore store, MemoryShares memory, HttpOptions options, TimeProvider time)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task HandleAsync(HttpContext http)
    {
        var caller = keys.Require(http.Request);
        using var room = new BodyRoom(memory, keys.FlowOf(http, caller));
        var body = await RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted);
        var request = CreateRequestReader.Read(body, CreateRequestOrigin.Http, _limits);
        var turn = new TurnRequest
        {
            Tenant = caller.Tenant, Flow = keys.FlowOf(http, caller), Request = request,
            Parents = new StoredParents(caller.Tenant, store),
        };
        var tokens = await count.OfAsync(turn, http.RequestAborted);
        await JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "response.input_tokens"u8);
            json.WriteNumber("input_tokens"u8, tokens);
            json.WriteEndObject();
        });
    }
}
