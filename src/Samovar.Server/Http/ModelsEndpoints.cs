using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary><c>GET /v1/models</c> and one of them.</summary>
internal sealed class ModelsEndpoints(KeyRing keys, ModelRouter router, TimeProvider time)
{
    private readonly long _since = time.GetUtcNow().ToUnixTimeSeconds();

    public Task ListAsync(HttpContext http)
    {
        keys.Require(http.Request);
        return JsonReply.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            foreach (var model in router.Models) Write(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task GetAsync(HttpContext http)
    {
        keys.Require(http.Request);
        var name = (string)http.Request.RouteValues["name"]!;
        var model = router.Models.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.Ordinal));
        if (model is null) throw new ApiException(Errors.ModelNotFound, name, param: "model");
        return JsonReply.WriteAsync(http, json => Write(json, model));
    }

    private void Write(Utf8JsonWriter json, BackendModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, _since);
        json.WriteString("owned_by"u8, model.OwnedBy);
        if (model.ContextTokens is { } tokens) json.WriteNumber("context_length"u8, tokens);
        json.WriteEndObject();
    }
}
