using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>
/// <c>GET /v1/samovar/why/{response}</c>: what a turn reused of the cache, what it did not, and why. For its tenant and for operators, who
/// see no words of others; a turn of somebody else is an unknown one.
/// </summary>
internal sealed class WhyEndpoint(KeyRing keys, TurnPipeline pipeline, TurnTraces traces)
{
    public Task HandleAsync(HttpContext http)
    {
        var caller = keys.Require(http.Request);
        var id = new ResponseId(RouteIds.Of(http, "id"));
        TenantId? scope = caller.IsOperator ? null : caller.Tenant;
        var trace = pipeline.Live.FindTrace(scope, id) ?? traces.Find(scope, id) // kept before it no longer goes on
            ?? throw new ApiException(Errors.ResponseNotFound, id, "response_id");
        http.Response.Headers.CacheControl = "no-store";
        var cache = trace.Tenant == caller.Tenant ? trace.Cache : trace.Cache?.WithoutTexts();
        return JsonReply.WriteAsync(http, StatusCodes.Status200OK, Bytes(trace, cache, caller.IsOperator));
    }

    private static byte[] Bytes(TurnTrace trace, CacheDetails? cache, bool isForOperator) => JsonBuffer.Bytes(
        (trace, cache, isForOperator), static (writer, it) =>
    {
        writer.WriteStartObject();
        writer.WriteString("object"u8, "samovar.why"u8);
        writer.WriteString("response_id"u8, it.trace.Response.Value);
        writer.WriteString("parent_response_id"u8, it.trace.Parent?.Value);
        writer.WriteString("outcome"u8, it.trace.Outcome?.Outcome);
        writer.WriteString("miss"u8, it.trace.Outcome?.Miss);
        writer.WriteNumber("input_tokens"u8, it.trace.Outcome?.InputTokens ?? 0);
        writer.WriteNumber("cached_tokens"u8, it.trace.Outcome?.CachedTokens ?? 0);
        Write(writer, it.trace.Outcome?.Taken, it.isForOperator);
        writer.WritePropertyName("cache"u8);
        if (it.cache is null) writer.WriteNullValue(); // its backend does not say, or it goes on
        else CacheDiagnosticsWriter.Write(writer, it.cache);
        writer.WriteEndObject();
    });

    /// <summary>Which nodes there are is the operator's affair.</summary>
    private static void Write(Utf8JsonWriter writer, ChainTakeover? taken, bool isForOperator)
    {
        if (taken is null)
        {
            writer.WriteNull("taken_over"u8);
            return;
        }
        writer.WriteStartObject("taken_over"u8);
        writer.WriteString("reason"u8, taken.Reason);
        if (isForOperator)
        {
            writer.WriteString("from"u8, taken.From);
            writer.WriteNumber("epoch"u8, taken.Epoch);
        }
        writer.WriteEndObject();
    }
}
