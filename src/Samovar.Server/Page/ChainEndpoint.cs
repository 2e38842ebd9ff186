using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Server.Http;
using Samovar.Sessions;

namespace Samovar.Server.Page;

/// <summary><c>GET /page/chain/{response_id}</c>: the responses that one continues, newest first, what the page no longer has among
/// them.</summary>
internal sealed class ChainEndpoint(PageDoor door, IChainStore store, SessionTable sessions, PageOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        var caller = door.Require(http).Caller;
        var id = new ResponseId(RouteIds.Of(http, "id"));
        string? named = http.Request.Query["tenant"];
        var tenant = caller.IsOperator && named is { Length: > 0 } ? new TenantId(named) : caller.Tenant;
        var node = sessions.Find(tenant, id) ?? await store.FindAsync(tenant, id, http.RequestAborted)
            ?? throw new ApiException(Errors.ResponseNotFound, id, "response_id");
        PageHeaders.Set(http.Response, "no-store");
        var json = JsonSerializer.SerializeToUtf8Bytes(Read(node), PageJson.Default.PageChain);
        await JsonReply.WriteAsync(http, StatusCodes.Status200OK, json);
    }

    private PageChain Read(ChainNode newest)
    {
        var turns = new List<PageTurn>();
        ChainNode? at = newest;
        for (; at is not null && turns.Count < options.ChainMax; at = at.Parent) turns.Add(Of(at));
        return new PageChain(newest.Id.Value, turns, at?.Id.Value);
    }

    private static PageTurn Of(ChainNode node)
    {
        var (response, usage) = (node.Response, node.Response.Usage ?? Usage.Zero);
        var computed = Math.Max(0, usage.InputTokens - usage.CachedTokens);
        return new PageTurn
        {
            Id = node.Id.Value,
            Lane = "",
            Parent = node.Parent?.Id.Value,
            Conversation = response.Conversation?.Value,
            Stage = "ended",
            At = PageNames.Milliseconds(response.CreatedAt),
            TotalMs = (response.CompletedAt - response.CreatedAt)?.TotalMilliseconds,
            InputTokens = usage.InputTokens,
            CachedTokens = usage.CachedTokens,
            PrefillTokens = computed,
            PrefilledTokens = computed,
            OutputTokens = usage.OutputTokens,
            Outcome = response.Status == ResponseStatus.Completed ? "completed" : "incomplete",
            Model = response.Model,
        };
    }
}
