using System.Text;
using Microsoft.AspNetCore.Http;
using Samovar.Server.Auth;

namespace Samovar.Server.Monitoring;

/// <summary><c>GET /metrics</c>, for Prometheus. Needs an operator's key where the server has any.</summary>
internal sealed class MetricsEndpoint(KeyRing keys, MetricReadings readings)
{
    public async Task HandleAsync(HttpContext http)
    {
        keys.RequireOperator(http.Request);
        var text = Encoding.UTF8.GetBytes(readings.Text());
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        http.Response.ContentLength = text.Length;
        await http.Response.Body.WriteAsync(text, http.RequestAborted);
    }
}
