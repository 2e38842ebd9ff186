using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Tracing;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>
/// <c>GET /v1/samovar/trace/{response}</c>: a turn's life, for its tenant and for operators. A turn of somebody else is an unknown one.
/// </summary>
internal sealed class TraceEndpoint(KeyRing keys, TurnTraces traces, TimeProvider time)
{
    private const string Json = "json", Chrome = "chrome", Otlp = "otlp";
    private readonly TraceReading _reading = new(time);

    public Task HandleAsync(HttpContext http) => WriteAsync(http, keys.Require(http.Request));

    /// <summary>The same for somebody who is known already, as at the page.</summary>
    public Task WriteAsync(HttpContext http, Caller caller)
    {
        var format = http.Request.Query["format"].ToString();
        if (format is not ("" or Json or Chrome or Otlp))
            throw new ApiException(Errors.InvalidValue, [format, $"'{Json}', '{Chrome}' and '{Otlp}'"], "format");
        var id = new ResponseId(RouteIds.Of(http, "id"));
        var trace = traces.Find(caller.IsOperator ? null : caller.Tenant, id)
            ?? throw new ApiException(Errors.ResponseNotFound, id, "response_id");
        var report = _reading.Read(trace, caller.IsOperator);
        http.Response.Headers.CacheControl = "no-store";
        return JsonReply.WriteAsync(http, StatusCodes.Status200OK, format switch
        {
            Chrome => ChromeTrace.Of(report),
            Otlp => OtlpTrace.Of(report),
            _ => JsonSerializer.SerializeToUtf8Bytes(report, TraceJson.Default.TraceReport),
        });
    }
}
