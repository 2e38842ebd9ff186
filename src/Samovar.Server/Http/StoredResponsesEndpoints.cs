using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Running;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary>What can be done with a response by its id: read it, stop it, delete it, list what it was given.</summary>
/// <param name="others">The other nodes of a cluster; null: there are none.</param>
internal sealed class StoredResponsesEndpoints(
    KeyRing keys, ResponseFinder responses, MemoryShares memory, HttpOptions options, TimeProvider time, IOtherNodes? others = null)
{
    public async Task GetAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        if (await FindOrPassAsync(http, tenant, id) is not (var found, IsAnswered: false)) return;
        if (found is null) throw new ApiException(Errors.ResponseNotFound, id);
        QueryReader.Check(QueryRoutes.Response, name => http.Request.Query[name]);
        var streams = bool.TryParse(http.Request.Query["stream"], out var said) && said && !HttpMethods.IsHead(http.Request.Method);
        if (streams) await ReplayAsync(http, found);
        else await JsonReply.WriteAsync(http, StatusCodes.Status200OK, SnapshotOf(found));
    }

    /// <summary>Ends a background response; one that was cancelled before stays so.</summary>
    public async Task CancelAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        if (await FindOrPassAsync(http, tenant, id) is not (var found, IsAnswered: false)) return;
        switch (found)
        {
            case null: throw new ApiException(Errors.ResponseNotFound, id);
            case FoundResponse.Here { Turn: { IsEnded: false } turn }:
                turn.Cancel();
                await turn.Ended.WaitAsync(http.RequestAborted);
                break;
            case FoundResponse.Stored { Node.Response.IsBackground: false }: throw new ApiException(Errors.CancelSynchronous);
        }
        var response = SnapshotOf(found);
        if (ResponseSplice.StatusOf(response) is var status && status != ResponseStatus.Cancelled) throw NotCancelled(status, id);
        await JsonReply.WriteAsync(http, StatusCodes.Status200OK, response);
    }

    private static ApiException NotCancelled(ResponseStatus? status, ResponseId id) => status switch
    {
        ResponseStatus.Completed => new(Errors.CancelCompleted),
        ResponseStatus.Incomplete => new(Errors.CancelIncomplete),
        ResponseStatus.Failed => new(Errors.CancelFailed),
        _ => new(Errors.ResponseNotFound, id), // it runs in another process
    };

    private Task ReplayAsync(HttpContext http, FoundResponse found)
    {
        var after = Replay.AfterOf(http.Request);
        return found switch
        {
            FoundResponse.Here here => Replay.AgainAsync(http, here.Turn, after, options, time),
            FoundResponse.Stored { Node.Response.IsBackground: false } => throw new ApiException(Errors.NotBackground, [], "stream"),
            FoundResponse.Noted { Row: { IsEnded: false, Id: var id } } =>
                throw new ApiException(Errors.EventsExpired, [id, after + 1], "starting_after"),
            _ => Replay.WriteEndAsync(http, SnapshotOf(found), after, options, time),
        };
    }

    private static ReadOnlyMemory<byte> SnapshotOf(FoundResponse found) => found switch
    {
        FoundResponse.Here here => here.Turn.Snapshot(),
        FoundResponse.Stored stored => ResponseWriter.Bytes(stored.Node.Response),
        FoundResponse.Noted noted => noted.Row.Snapshot,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public async Task DeleteAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        var standing = await responses.StandingOfAsync(tenant, id, http.RequestAborted);
        var isHere = standing is ResponseStanding.Running or ResponseStanding.Ended;
        if (!isHere && await IsAnsweredElsewhereAsync(http, tenant, id)) return;
        if (standing is ResponseStanding.Running or ResponseStanding.RunningElsewhere) throw new ApiException(Errors.DeleteInFlight);
        if (!await responses.DeleteAsync(tenant, id, http.RequestAborted)) throw new ApiException(Errors.ResponseNotFound, id);
        await JsonReply.WriteDeletedAsync(http, id.Value, "response.deleted");
    }

    /// <summary>Everything the response was made from: the chain before it and its own input, newest first unless asked
    /// otherwise.</summary>
    public async Task InputItemsAsync(HttpContext http)
    {
        var items = await InputOfAsync(http);
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.Items, name => query[name]);
        var (page, hasMore) = await items.ReadAsync(ListPage.Items(query, options), http.RequestAborted);
        using var reply = new ListReply(memory, keys.CallerOf(http).Flow, options);
        foreach (var entry in page) reply.Add(entry.Id, json => ListedItem.Write(json, entry.Item, entry.Id));
        await reply.WriteAsync(http, hasMore, empty: null);
    }

    private async Task<ItemPages> InputOfAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        return await responses.FindInputAsync(tenant, id, http.RequestAborted) is { } input
            ? new ItemPages(input) : throw new ApiException(Errors.ResponseNotFound, id);
    }

    private (TenantId Tenant, ResponseId Id) Asked(HttpContext http) =>
        (http.Features.Get<PeerCaller>()?.Tenant ?? keys.Require(http.Request).Tenant, new ResponseId(RouteIds.Of(http, "id")));

    /// <summary>What is not here may be at another node, which then answers; what that one asked for is passed no further.</summary>
    private async ValueTask<(FoundResponse? Found, bool IsAnswered)> FindOrPassAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        var found = await responses.FindAsync(tenant, id, http.RequestAborted);
        return (found, found is null or FoundResponse.Noted { Row.IsEnded: false } && await IsAnsweredElsewhereAsync(http, tenant, id));
    }

    private async ValueTask<bool> IsAnsweredElsewhereAsync(HttpContext http, TenantId tenant, ResponseId id)
    {
        if (others is null) return false;
        if (http.Features.Get<PeerCaller>() is not null) throw new ApiException(Errors.ResponseNotFound, id);
        return await others.TryAnswerAsync(http, tenant, id);
    }
}
