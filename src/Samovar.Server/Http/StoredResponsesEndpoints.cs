using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary>What can be done with a stored response: read it, delete it, list what it was given.</summary>
internal sealed class StoredResponsesEndpoints(KeyRing keys, IChainStore store)
{
    private const int LimitDefault = 20;

    public async Task GetAsync(HttpContext http)
    {
        var node = await FindAsync(http);
        QueryReader.Check(QueryRoutes.Response, name => http.Request.Query[name]);
        await JsonReply.WriteAsync(http, StatusCodes.Status200OK, ResponseWriter.Bytes(node.Response));
    }

    public async Task DeleteAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        if (!await store.DeleteAsync(tenant, id, http.RequestAborted)) throw new ApiException(Errors.ResponseNotFound, id);
        await JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id.Value);
            json.WriteString("object"u8, "response.deleted"u8);
            json.WriteBoolean("deleted"u8, true);
            json.WriteEndObject();
        });
    }

    /// <summary>Everything the response was made from: the chain before it and its own input, newest first unless asked
    /// otherwise.</summary>
    public async Task InputItemsAsync(HttpContext http)
    {
        var node = await FindAsync(http);
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.Items, name => query[name]);
        var limit = query.TryGetValue("limit", out var said) ? int.Parse(said.ToString(), CultureInfo.InvariantCulture) : LimitDefault;
        var items = WithIds([.. new TurnContext(node.Parent, node.Input).ShownItems().Where(item => !node.Unsent.Contains(item))]);
        if (query["order"] != "asc") items.Reverse();
        if (query.TryGetValue("after", out var after)) items = After(items, after.ToString());
        await JsonReply.WriteAsync(http, json => WritePage(json, items, limit));
    }

    /// <summary>An id of its own for each, so that a page ends at one place: the first to come with an id keeps it.</summary>
    private static List<(Item Item, string Id)> WithIds(IReadOnlyList<Item> items)
    {
        var own = items.Select(static item => item.Id).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var kept = new HashSet<string>(StringComparer.Ordinal);
        return [.. items.Select((item, index) => (item, item.Id is { } id && kept.Add(id) ? id : Made(index)))];

        string Made(int index)
        {
            var id = FormattableString.Invariant($"item_{index}");
            while (!own.Add(id)) id += "_";
            return id;
        }
    }

    private static List<(Item Item, string Id)> After(List<(Item Item, string Id)> items, string id)
    {
        var at = items.FindIndex(entry => entry.Id == id);
        return at >= 0 ? items[(at + 1)..] : throw QueryReader.Unknown("after", id, "ids of items in this list");
    }

    private static void WritePage(Utf8JsonWriter json, List<(Item Item, string Id)> items, int limit)
    {
        var page = items.Take(limit).ToList();
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var (item, id) in page) ListedItem.Write(json, item, id);
        json.WriteEndArray();
        json.WriteString("first_id"u8, page.Count == 0 ? null : page[0].Id);
        json.WriteString("last_id"u8, page.Count == 0 ? null : page[^1].Id);
        json.WriteBoolean("has_more"u8, items.Count > page.Count);
        json.WriteEndObject();
    }

    private async Task<ChainNode> FindAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        return await store.FindAsync(tenant, id, http.RequestAborted) ?? throw new ApiException(Errors.ResponseNotFound, id);
    }

    private (TenantId Tenant, ResponseId Id) Asked(HttpContext http) =>
        (keys.Require(http.Request).Tenant, new ResponseId((string)http.Request.RouteValues["id"]!));
}
