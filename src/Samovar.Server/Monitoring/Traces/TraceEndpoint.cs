using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Tracing;
using Samovar.Turns;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>
/// <c>GET /v1/samovar/trace/{response}</c>: a turn's life, for its tenant and for operators. A turn of somebody else is an unknown one.
/// </summary>
internal sealed class TraceEndpoint(KeyRing keys, TurnPipeline pipeline, TurnTraces traces, TimeProvider time)
{
    private const string Json = "json", Chrome = "chrome", Otlp = "otlp";
    private const int ContinuedByMax = 32;
    private readonly TraceReading _reading = new(time);

    public Task HandleAsync(HttpContext http) => WriteAsync(http, keys.Require(http.Request));

    /// <summary>The same for somebody who is known already, as at the page.</summary>
    public Task WriteAsync(HttpContext http, Caller caller)
    {
        var format = http.Request.Query["format"].ToString();
        if (format is not ("" or Json or Chrome or Otlp))
            throw new ApiException(Errors.InvalidValue, [format, $"'{Json}', '{Chrome}' and '{Otlp}'"], "format");
        var id = new ResponseId(RouteIds.Of(http, "id"));
        TenantId? scope = caller.IsOperator ? null : caller.Tenant;
        var trace = pipeline.Live.FindTrace(scope, id) ?? traces.Find(scope, id) // kept before it no longer goes on
            ?? throw new ApiException(Errors.ResponseNotFound, id, "response_id");
        var report = _reading.Read(trace, ContinuedBy(trace), caller.IsOperator);
        http.Response.Headers.CacheControl = "no-store";
        return JsonReply.WriteAsync(http, StatusCodes.Status200OK, format switch
        {
            Chrome => ChromeTrace.Of(report),
            Otlp => OtlpTrace.Of(report),
            _ => JsonSerializer.SerializeToUtf8Bytes(report, TraceJson.Default.TraceReport),
        });
    }

    private IReadOnlyList<ResponseId> ContinuedBy(TurnTrace trace) =>
    [
        .. traces.After(trace.Tenant, trace.Response).Concat(pipeline.Live.Of(trace.Tenant).Select(static turn => turn.Times.Trace)
            .OfType<TurnTrace>().Where(running => running.Parent == trace.Response)).OrderBy(static next => next.ArrivedAt)
            .Select(static next => next.Response).Distinct().Take(ContinuedByMax),
    ];
}
