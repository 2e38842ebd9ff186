using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary>What can be done with a stored response: read it, delete it, list what it was given.</summary>
internal sealed class StoredResponsesEndpoints(KeyRing keys, IChainStore store)
{
    private const int LimitDefault = 20;
    private const int LimitMax = 100;
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 1000 }; // it was read before, under its own bound

    public async Task GetAsync(HttpContext http)
    {
        var node = await FindAsync(http);
        if (IsTrue(http.Request.Query["stream"])) throw new ApiException(Errors.UnsupportedParameter, "stream", param: "stream");
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
        var limit = Limit(query["limit"]);
        var items = new TurnContext(node.Parent, node.Input).AllItems().Where(item => !node.Unsent.Contains(item))
            .Select((item, index) => (Item: item, Id: item.Id ?? $"item_{index}")).ToList();
        if (!string.Equals(query["order"], "asc", StringComparison.Ordinal)) items.Reverse();
        if (query["after"] is [{ Length: > 0 } after])
            items = [.. items.SkipWhile(entry => !string.Equals(entry.Id, after, StringComparison.Ordinal)).Skip(1)];
        await JsonReply.WriteAsync(http, json => WritePage(json, items, limit));
    }

    private static void WritePage(Utf8JsonWriter json, List<(Item Item, string Id)> items, int limit)
    {
        var page = items.Take(limit).ToList();
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var (item, id) in page) WriteItem(json, item, id);
        json.WriteEndArray();
        json.WriteString("first_id"u8, page.Count == 0 ? null : page[0].Id);
        json.WriteString("last_id"u8, page.Count == 0 ? null : page[^1].Id);
        json.WriteBoolean("has_more"u8, items.Count > page.Count);
        json.WriteEndObject();
    }

    /// <summary>The item as it came; one that came without an id gets the id that pages go by.</summary>
    private static void WriteItem(Utf8JsonWriter json, Item item, string id)
    {
        if (item.Id is not null)
        {
            json.WriteRawValue(item.Json.Utf8.Span, skipInputValidation: true);
            return;
        }
        using var document = JsonDocument.Parse(item.Json.Utf8, AnyDepth);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        foreach (var property in document.RootElement.EnumerateObject())
            if (!property.NameEquals("id"u8)) property.WriteTo(json);
        json.WriteEndObject();
    }

    private async Task<ChainNode> FindAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        return await store.FindAsync(tenant, id, http.RequestAborted) ?? throw new ApiException(Errors.ResponseNotFound, id);
    }

    private (TenantId Tenant, ResponseId Id) Asked(HttpContext http) =>
        (keys.Require(http.Request).Tenant, new ResponseId((string)http.Request.RouteValues["id"]!));

    private static int Limit(string? text)
    {
        if (text is null) return LimitDefault;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > LimitMax)
            throw new ApiException(Errors.InvalidValue, [text, $"integers from 1 to {LimitMax}"], param: "limit");
        return limit;
    }

    private static bool IsTrue(string? text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
}
