using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Stores;

namespace Samovar.Server.Http;

/// <summary><c>/v1/conversations</c>: conversations and their items.</summary>
/// <param name="owners">The nodes of a cluster that own what is added to; null: there are none.</param>
internal sealed class ConversationEndpoints(
    KeyRing keys, ConversationStore conversations, MemoryShares memory, HttpOptions options, TimeProvider time, IOwnerNodes? owners = null)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task CreateAsync(HttpContext http)
    {
        var tenant = keys.Require(http.Request).Tenant;
        using var room = Room(http);
        var (metadata, items) = ConversationReader.New(await BodyAsync(http, room), _limits);
        await WriteAsync(http, await conversations.CreateAsync(tenant, metadata, items, http.RequestAborted));
    }

    public async Task GetAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        await WriteAsync(http, await conversations.FindAsync(tenant, id, http.RequestAborted));
    }

    public async Task UpdateAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        await conversations.FindAsync(tenant, id, http.RequestAborted);
        using var room = Room(http);
        var metadata = ConversationReader.Metadata(await BodyAsync(http, room), _limits);
        await WriteAsync(http, await conversations.UpdateAsync(tenant, id, metadata, http.RequestAborted));
    }

    public async Task DeleteAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        await conversations.DeleteAsync(tenant, id, http.RequestAborted);
        await JsonReply.WriteDeletedAsync(http, id.Value, "conversation.deleted");
    }

    /// <summary>Newest first unless asked otherwise.</summary>
    public async Task ListItemsAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        var items = await conversations.ItemsAsync(tenant, id, http.RequestAborted);
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.ConversationItems, name => query[name]);
        var (page, hasMore) = await (items ?? ItemPages.Empty).ReadAsync(ListPage.Items(query, options), http.RequestAborted);
        await WritePageAsync(http, [.. page.Select(static entry => (entry.Item, entry.Id))], hasMore);
    }

    public async Task AddItemsAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        QueryReader.Check(QueryRoutes.NewConversationItems, name => http.Request.Query[name]);
        using var room = Room(http);
        var body = await BodyAsync(http, room);
        var items = ConversationReader.Items(body, _limits);
        await ChangeAsync(http, body, async () =>
        {
            var added = await conversations.AddAsync(tenant, id, items, http.RequestAborted);
            await WritePageAsync(http, [.. added.Select(static item => (item, item.Id!))], hasMore: false, mayRefuse: false);
        });
    }

    public async Task GetItemAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        var items = await conversations.ItemsAsync(tenant, id, http.RequestAborted);
        QueryReader.Check(QueryRoutes.ConversationItem, name => http.Request.Query[name]);
        var named = ItemOf(http);
        var found = items is null ? null : await items.FindAsync(named, http.RequestAborted);
        if (found is null) throw new ApiException(Errors.ConversationItemNotFound, [named, id]);
        await JsonReply.WriteAsync(http, json => ListedItem.Write(json, found.Item, found.Id, ShowsLogprobs(http)));
    }

    public Task DeleteItemAsync(HttpContext http)
    {
        var (tenant, id) = Asked(http);
        return ChangeAsync(http, body: default, async () =>
            await WriteAsync(http, await conversations.RemoveAsync(tenant, id, ItemOf(http), http.RequestAborted)));
    }

    /// <summary>What is added to a chain is added where its owner is.</summary>
    private Task ChangeAsync(HttpContext http, ReadOnlyMemory<byte> body, Func<Task> here)
    {
        if (owners is null) return here();
        var (tenant, flow) = keys.CallerOf(http);
        return owners.ChangeAsync(http, tenant, flow, body, here);
    }

    private async Task WritePageAsync(HttpContext http, List<(Item Item, string Id)> page, bool hasMore, bool mayRefuse = true)
    {
        var logprobs = ShowsLogprobs(http);
        using var reply = new ListReply(memory, keys.CallerOf(http).Flow, options, mayRefuse);
        foreach (var (item, id) in page) reply.Add(id, json => ListedItem.Write(json, item, id, logprobs));
        await reply.WriteAsync(http, hasMore, empty: "");
    }

    private static Task WriteAsync(HttpContext http, ConversationRow conversation) => JsonReply.WriteAsync(http, json =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, conversation.Id.Value);
        json.WriteString("object"u8, "conversation"u8);
        json.WriteNumber("created_at"u8, conversation.CreatedAt.ToUnixTimeSeconds());
        json.WritePropertyName("metadata"u8);
        (conversation.Metadata.IsEmpty ? RawJson.EmptyObject : new RawJson(conversation.Metadata)).WriteTo(json);
        json.WriteEndObject();
    });

    private static bool ShowsLogprobs(HttpContext http) => http.Request.Query["include"].Concat(http.Request.Query["include[]"])
        .Contains("message.output_text.logprobs", StringComparer.Ordinal);

    private BodyRoom Room(HttpContext http) => new(memory, keys.CallerOf(http).Flow);

    private Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http, BodyRoom room) =>
        RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted);

    private static string ItemOf(HttpContext http) => RouteIds.Of(http, "item");

    private (TenantId Tenant, ConversationId Id) Asked(HttpContext http) =>
        (keys.CallerOf(http).Tenant, new ConversationId(RouteIds.Of(http, "id")));
}
