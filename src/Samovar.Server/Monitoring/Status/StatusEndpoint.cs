using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Server.Auth;
using Samovar.Server.Http;

namespace Samovar.Server.Monitoring.Status;

/// <summary><c>GET /v1/samovar/status</c>: what <c>samovar top</c> shows. A tenant sees its own sessions and requests, an operator
/// everybody's, the pools and the engine.</summary>
internal sealed class StatusEndpoint(KeyRing keys, ServerStatus status, ChainCounts? chains = null)
{
    public async Task HandleAsync(HttpContext http)
    {
        var caller = keys.Require(http.Request);
        var report = status.Read(caller.IsOperator ? null : caller.Tenant);
        if (chains is not null) report = await chains.AddToAsync(report, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToUtf8Bytes(report, StatusJson.Default.StatusReport);
        await JsonReply.WriteAsync(http, StatusCodes.Status200OK, json);
    }
}
