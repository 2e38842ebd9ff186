using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Samovar.Backends;
using Samovar.Backends.Models;
using Samovar.Disks;
using Samovar.Engine;
using Samovar.Server.Auth;
using Samovar.Server.Draining;
using Samovar.Sessions;

namespace Samovar.Server.Http;

/// <summary><c>GET /health</c>: whether the server takes turns; for callers that may speak with it, also what it serves; for operators,
/// also what it has done for all tenants together.</summary>
internal sealed class HealthEndpoint(KeyRing keys, ServerLife life, ModelRouter router, SessionTable sessions,
    FileConditions files, StoreHealth store, TemplateHealth template, LocalModels? served = null)
{
    private static readonly string Version =
        typeof(HealthEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public async Task HandleAsync(HttpContext http)
    {
        var isDraining = life.IsDraining; // read once: a stop that begins meanwhile never makes status and body differ
        if (isDraining) http.Response.Headers.RetryAfter = "1";
        var caller = keys.Find(Caller.PresentedKey(http.Request));
        // Who shares requests out among servers looks at the status alone.
        var status = isDraining ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await JsonReply.WriteAsync(http, status, json =>
        {
            json.WriteStartObject();
            json.WriteString("status"u8, isDraining ? "draining"u8 : "ok"u8);
            json.WriteString("version"u8, Version);
            if (caller is not null) WriteOffer(json, caller.IsOperator);
            if (caller is { IsOperator: true }) WriteTotals(json);
            json.WriteEndObject();
        });
    }

    private void WriteOffer(Utf8JsonWriter json, bool isOperator)
    {
        json.WriteStartArray("models"u8);
        foreach (var model in router.Models) json.WriteStringValue(model.Name);
        json.WriteEndArray();
        if (served is { AreNamed: true })
        {
            json.WritePropertyName("served_models"u8);
            JsonSerializer.Serialize(json, ServedModelStatus.Of(served, isOperator), HealthJson.Default.IReadOnlyListServedModelStatus);
        }
        if (template.Read() is { } used)
        {
            json.WritePropertyName("template"u8);
            JsonSerializer.Serialize(json, used, HealthJson.Default.TemplateStatus);
        }
        if (served?.Only is not { } engine) return;
        json.WritePropertyName("model"u8);
        JsonSerializer.Serialize(json, ModelFact.Of(engine.Model, MemoryStatus.Of(served.All[0])), HealthJson.Default.ModelFact);
    }

    private void WriteTotals(Utf8JsonWriter json)
    {
        json.WriteNumber("sessions"u8, sessions.Count);
        json.WriteStartArray("files"u8);
        foreach (var file in files.All) WriteFile(json, file);
        json.WriteEndArray();
        store.Write(json);
        if (served?.Only is not { } engine) return;
        json.WritePropertyName("engine"u8);
        JsonSerializer.Serialize(json, engine.Counters, HealthJson.Default.EngineCounters);
    }

    private static void WriteFile(Utf8JsonWriter json, FileCondition file)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, file.Name);
        json.WriteString("status"u8, file.Trouble is null ? "ok"u8 : "failing"u8);
        if (file.Trouble is { } trouble) json.WriteString("reason"u8, trouble);
        json.WriteNumber("dropped"u8, file.Dropped);
        json.WriteEndObject();
    }
}

/// <summary>What health reports about the loaded model; its template and path stay private.</summary>
internal sealed record ModelFact(
    string Name, string Architecture, long Parameters, int TrainedContext, int ContextTokens, int Streams, string MemoryKind,
        int StateBytesPerToken, long StateBytesPerSequence, bool CanTruncate, int DraftTokens, string LibraryVersion, DeviceFacts Device,
        MemoryStatus? Memory)
{
    public static ModelFact Of(ModelFacts facts, MemoryStatus? memory) => new(
        facts.Name, facts.Architecture, facts.Parameters, facts.TrainedContext, facts.ContextTokens, facts.Streams,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(facts.MemoryKind.ToString()), facts.StateBytesPerToken, facts.StateBytesPerSequence,
            facts.CanTruncate, facts.DraftTokens, facts.LibraryVersion, facts.Device, memory);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EngineCounters))]
[JsonSerializable(typeof(ModelFact))]
[JsonSerializable(typeof(TemplateStatus))]
[JsonSerializable(typeof(IReadOnlyList<ServedModelStatus>))]
internal sealed partial class HealthJson : JsonSerializerContext;
