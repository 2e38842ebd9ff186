using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Backends;
using Samovar.Backends.Models;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary><c>GET /v1/models</c> and one of them; for clients that speak Anthropic's protocol in its form.</summary>
internal sealed class ModelsEndpoints(KeyRing keys, ModelRouter router, TimeProvider time, LocalModels? served = null)
{
    private const int LimitDefault = 20;
    private readonly DateTimeOffset _since = time.GetUtcNow();

    public Task ListAsync(HttpContext http)
    {
        keys.Require(http.Request);
        if (ErrorShape.SpeaksAnthropic(http.Request)) return AnthropicPageAsync(http);
        return JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            foreach (var model in router.Listed) Write(json, model);
            json.WriteEndArray();
            if (http.Request.Query.ContainsKey(CodexCatalogue.Query))
                CodexCatalogue.Write(json, router.Listed.Concat(router.ListedAliases));
            json.WriteEndObject();
        });
    }

    public Task GetAsync(HttpContext http)
    {
        keys.Require(http.Request);
        // Clients write the slash of a name as they have to in a path, and the server leaves it so.
        var name = ((string)http.Request.RouteValues["name"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var model = router.Find(name) ?? throw new ApiException(Errors.ModelNotFound, name, param: "model");
        var isAnthropic = ErrorShape.SpeaksAnthropic(http.Request);
        return JsonReply.WriteAsync(http, json =>
        {
            if (isAnthropic) WriteAnthropic(json, model);
            else Write(json, model);
        });
    }

    private Task AnthropicPageAsync(HttpContext http)
    {
        var query = http.Request.Query;
        QueryReader.Check(QueryRoutes.Models, name => query[name]);
        var limit = query.TryGetValue("limit", out var said) ? int.Parse(said.ToString(), CultureInfo.InvariantCulture) : LimitDefault;
        IReadOnlyList<BackendModel> models = [.. router.Listed.Concat(router.ListedAliases)];
        if (query.TryGetValue("after_id", out var after)) models = [.. models.Skip(Place(models, "after_id", after.ToString()) + 1)];
        var isBackward = query.TryGetValue("before_id", out var before);
        if (isBackward) models = [.. models.Take(Place(models, "before_id", before.ToString()))];
        IReadOnlyList<BackendModel> page = [.. isBackward ? models.TakeLast(limit) : models.Take(limit)];
        return JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("data"u8);
            foreach (var model in page) WriteAnthropic(json, model);
            json.WriteEndArray();
            json.WriteString("first_id"u8, page.Count == 0 ? null : page[0].Name);
            json.WriteString("last_id"u8, page.Count == 0 ? null : page[^1].Name);
            json.WriteBoolean("has_more"u8, models.Count > page.Count);
            json.WriteEndObject();
        });
    }

    private static int Place(IReadOnlyList<BackendModel> models, string query, string name)
    {
        for (var at = 0; at < models.Count; at++)
            if (models[at].Name == name) return at;
        throw QueryReader.Unknown(query, name, "names of models that are served");
    }

    private void Write(Utf8JsonWriter json, BackendModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, _since.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, model.OwnedBy);
        if (model.ContextTokens is { } tokens) json.WriteNumber("context_length"u8, tokens);
        if (StateOf(model) is { } state)
        {
            json.WriteStartObject("status"u8); // as llama-server lists the models that it loads when they are asked for
            json.WriteString("value"u8, state);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    /// <summary>Of a model that is loaded when it is asked for; null for others.</summary>
    private string? StateOf(BackendModel model) => served is not { AreNamed: true } ? null
        : served.All.FirstOrDefault(one => one.Name == model.Name) is { } condition ? ModelStates.NameOf(condition.State) : null;

    private void WriteAnthropic(Utf8JsonWriter json, BackendModel model)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "model"u8);
        json.WriteString("id"u8, model.Name);
        json.WriteString("display_name"u8, model.MeansOther ?? model.Name); // pickers show it
        json.WriteString("created_at"u8, _since);
        json.WriteEndObject();
    }
}
