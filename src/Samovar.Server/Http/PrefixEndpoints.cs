using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Prefixes;
using Samovar.Server.Auth;
using Samovar.Server.Draining;

namespace Samovar.Server.Http;

/// <summary>
/// <c>/v1/samovar/prefixes</c>: the starts of conversations that are warm. Everything is the tenant's own; another's prefix is an unknown
/// one, to operators, too.
/// </summary>
internal sealed class PrefixEndpoints(
    KeyRing keys, PrefixDesk desk, PrefixTable table, PrefixListing listing, MemoryShares memory, HttpOptions options, ServerLife life,
    TimeProvider time)
{
    private readonly ProtocolLimits _limits = (ProtocolLimits.Default with { FrameBytesMax = options.BodyBytesMax }).ForRequests();

    public async Task WarmAsync(HttpContext http)
    {
        var caller = keys.Require(http.Request);
        if (life.IsDraining) throw new ApiException(Errors.ServerStopping);
        var flow = keys.FlowOf(http, caller);
        using var room = new BodyRoom(memory, flow, ITranslation.BodyCopies);
        var sent = PrefixRequestReader.Read(await RequestBody.ReadAsync(http.Request, options, room, time, http.RequestAborted), _limits);
        var body = PrefixBody.Read(sent.Request, sent.Protocol, _limits);
        var request = body.Request with { Model = sent.Model ?? body.Request.Model, Store = sent.Store ?? body.Request.Store };
        try
        {
            var (prefix, warmth) = await desk.WarmAsync(
                new PrefixOrder(caller.Tenant, flow, request, sent.Name, sent.Keep), http.RequestAborted);
            var view = await listing.OfAsync(prefix, http.RequestAborted);
            await WriteAsync(http, json => PrefixJson.Write(json, view, warmth));
        }
        catch (ApiException error)
        {
            throw sent.Model is not null && error.Param == "model" ? error : body.Explain(error); // the order's own field
        }
    }

    public async Task ListAsync(HttpContext http)
    {
        var views = await listing.OfAsync(keys.Require(http.Request).Tenant, http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            foreach (var view in views) PrefixJson.Write(json, view);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task GetAsync(HttpContext http)
    {
        var (tenant, id) = (keys.Require(http.Request).Tenant, IdOf(http));
        var view = table.Find(tenant, id) is { } warmed ? await listing.OfAsync(warmed, http.RequestAborted)
            : (await listing.OfAsync(tenant, http.RequestAborted)).FirstOrDefault(one => one.Id == id) ?? throw Unknown(id);
        await WriteAsync(http, json => PrefixJson.Write(json, view));
    }

    /// <summary>Only what was warmed can be dropped: what conversations share without is theirs.</summary>
    public Task DropAsync(HttpContext http)
    {
        var (tenant, id) = (keys.Require(http.Request).Tenant, IdOf(http));
        return table.Drop(tenant, id) ? JsonReply.WriteDeletedAsync(http, id.Value, "samovar.prefix") : throw Unknown(id);
    }

    private static PrefixId IdOf(HttpContext http) => new(RouteIds.Of(http, "id"));

    private static ApiException Unknown(PrefixId id) => new(Errors.PrefixNotFound, id.Value, "prefix_id");

    private static Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.Headers.CacheControl = "no-store";
        return JsonReply.WriteAsync(http, write);
    }
}
