using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Server.Auth;
using Samovar.Stores;

namespace Samovar.Server.Http;

/// <summary>Chat completions that were made with <c>store: true</c>: list them, read one, change its metadata, delete it, list what it
/// was made from.</summary>
internal sealed class StoredCompletionEndpoints(
    KeyRing keys, IChainStore store, ICompletionRows completions, MemoryShares memory, HttpOptions options, TimeProvider time)
{
    private const string ModelQuery = "model", Metadata = "metadata", MetadataQuery = Metadata + "[";

    /// <summary>A completion has no more: nothing is found by more.</summary>
    private static readonly int LabelsMax = ProtocolLimits.Default.MetadataPairsMax + 1;
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    /// <summary>Oldest first unless asked otherwise.</summary>
    public async Task ListAsync(HttpContext http)
    {
        var tenant = keys.Require(http.Request).Tenant;
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.Completions, name => query[name]);
        if (query.ContainsKey(Metadata)) // unheard, it would let all through
            throw new ApiException(Errors.InvalidType, [Metadata, "an object", "a string"], Metadata);
        var limit = ListPage.LimitOf(query);
        var after = await AfterAsync(tenant, query, http.RequestAborted);
        var labels = LabelsOf(http.Request.QueryString);
        var found = labels.Count > LabelsMax ? [] : await StoreCalls.AskAsync(
            completions.ListAsync(tenant, labels, after, query["order"] == "desc", limit + 1, http.RequestAborted));
        using var reply = new ListReply(memory, keys.CallerOf(http).Flow, options);
        var isCut = false;
        foreach (var row in found.Take(limit)) // each is read when those before it are written: a page holds no chains
        {
            isCut = reply.IsFull;
            if (isCut) break;
            if (await store.FindResponseAsync(tenant, row.Id, http.RequestAborted) is { } response)
                reply.Add(StoredCompletion.IdOf(row.Id), json => StoredCompletion.Write(json, response, new RawJson(row.Metadata)));
        }
        await reply.WriteAsync(http, hasMore: isCut || found.Count > limit, empty: null);
    }

    public async Task GetAsync(HttpContext http)
    {
        var (tenant, row) = await FindRowAsync(http);
        await WriteAsync(http, await ResponseAsync(http, tenant, row), row.Metadata);
    }

    public async Task UpdateAsync(HttpContext http)
    {
        var (tenant, row) = await FindRowAsync(http);
        var response = await ResponseAsync(http, tenant, row);
        using var room = new BodyRoom(memory, keys.FlowOf(http, keys.Require(http.Request)));
        var body = await RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted);
        var metadata = ConversationReader.Metadata(body, _limits);
        if (!await StoreCalls.AskAsync(completions.SetMetadataAsync(tenant, row.Id, metadata.Utf8, http.RequestAborted)))
            throw Unknown(http);
        await WriteAsync(http, response, metadata.Utf8);
    }

    public async Task DeleteAsync(HttpContext http)
    {
        var (tenant, row) = await FindRowAsync(http); // and no more of it: what cannot be read can be deleted
        if (!await store.DeleteAsync(tenant, row.Id, http.RequestAborted)) throw Unknown(http);
        await JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "chat.completion.deleted"u8);
            json.WriteString("id"u8, StoredCompletion.IdOf(row.Id));
            json.WriteBoolean("deleted"u8, true);
            json.WriteEndObject();
        });
    }

    /// <summary>Oldest first unless asked otherwise.</summary>
    public async Task MessagesAsync(HttpContext http)
    {
        var (tenant, row) = await FindRowAsync(http);
        var node = await store.FindAsync(tenant, row.Id, http.RequestAborted) ?? throw Unknown(http);
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.CompletionMessages, name => query[name]);
        var items = new TurnContext(node.Parent, node.Input).ShownItems().Where(item => !node.Unsent.Contains(item));
        List<StoredMessage> messages = [.. StoredCompletion.MessagesOf(node.Id, items)];
        if (query["order"] == "desc") messages.Reverse();
        var (page, hasMore) = ListPage.Of(query, messages, static message => message.Id);
        using var reply = new ListReply(memory, keys.CallerOf(http).Flow, options);
        var added = 0;
        for (; added < page.Count && !reply.IsFull; added++) reply.Add(page[added].Id, page[added].Write);
        await reply.WriteAsync(http, hasMore || added < page.Count, empty: null);
    }

    private static Task WriteAsync(HttpContext http, Response response, ReadOnlyMemory<byte> metadata) =>
        JsonReply.WriteAsync(http, json => StoredCompletion.Write(json, response, new RawJson(metadata)));

    /// <summary>What the query asks for; read from its text, because names there are of one case or the other to the server.</summary>
    private static List<CompletionLabel> LabelsOf(QueryString query)
    {
        var labels = new HashSet<CompletionLabel>();
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name == ModelQuery) labels.Add(CompletionLabel.OfModel(value));
            if (name.StartsWith(MetadataQuery, StringComparison.Ordinal) && name.EndsWith(']'))
                labels.Add(new CompletionLabel(name[MetadataQuery.Length..^1], value));
        }
        return [.. labels];
    }

    private async Task<ResponseId?> AfterAsync(TenantId tenant, IQueryCollection query, CancellationToken caller)
    {
        if (!query.TryGetValue("after", out var after)) return null;
        return await RowAsync(tenant, after.ToString(), caller) is { } row ? row.Id
            : throw QueryReader.Unknown("after", after.ToString(), "ids of stored chat completions");
    }

    private async ValueTask<Response> ResponseAsync(HttpContext http, TenantId tenant, CompletionRow row) =>
        await store.FindResponseAsync(tenant, row.Id, http.RequestAborted) ?? throw Unknown(http);

    private async Task<(TenantId Tenant, CompletionRow Row)> FindRowAsync(HttpContext http)
    {
        var tenant = keys.Require(http.Request).Tenant;
        return (tenant, await RowAsync(tenant, IdOf(http), http.RequestAborted) ?? throw Unknown(http));
    }

    private async Task<CompletionRow?> RowAsync(TenantId tenant, string id, CancellationToken caller)
    {
        foreach (var response in StoredCompletion.ResponsesOf(id))
            if (await StoreCalls.AskAsync(completions.FindAsync(tenant, response, caller)) is { } row) return row;
        return null;
    }

    private static string IdOf(HttpContext http) => RouteIds.Of(http, "id");
    private static ApiException Unknown(HttpContext http) => new(Errors.CompletionNotFound, IdOf(http));
}
