using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Server.Http;
using Samovar.Server.Peers;

namespace Samovar.Server.Cluster;

/// <summary>Lets nodes of the cluster in, and tells nobody else that there is anything.</summary>
internal sealed class PeerDoor(ClusterKey key, KeyRing clients)
{
    /// <summary>The endpoint behind the door: to all others the address is one that does not exist.</summary>
    public RequestDelegate Behind(RequestDelegate endpoint) => http =>
    {
        if (key.IsShown(http.Request)) return endpoint(http);
        return NotFound(http);
    };

    /// <summary>The same for what is of one tenant, whom the other node has let in.</summary>
    public RequestDelegate Behind(Func<HttpContext, TenantId, ResponseId, Task> endpoint) => Behind(http =>
        http.Request.Headers[PeerPaths.TenantHeader] is [{ Length: > 0 } tenant]
            ? endpoint(http, new TenantId(Uri.UnescapeDataString(tenant)), new ResponseId(RouteIds.Of(http, "id")))
            : NotFound(http));

    /// <summary>The same for what the other node's client asks for: this one's answer is passed on to it.</summary>
    public RequestDelegate BehindFor(RequestDelegate endpoint) => Behind((http, tenant, _) =>
    {
        http.Features.Set(new PeerCaller(tenant));
        return endpoint(http);
    });

    /// <summary>The same for a request that came to the other node and is passed on as it came: it is answered as if it had come
    /// here.</summary>
    public RequestDelegate BehindAsItCame(RequestDelegate endpoint) => Behind(http =>
    {
        if (http.Request.Headers[PeerPaths.TenantHeader] is not [{ Length: > 0 } tenant]
            || http.Request.Headers[PeerPaths.FlowHeader] is not [{ Length: > 0 } flow]
            || !http.Request.Path.StartsWithSegments(PeerPaths.Requests, StringComparison.OrdinalIgnoreCase, out var path))
            return NotFound(http);
        KeepClientKey(http.Request);
        http.Features.Set(new PeerCaller(new TenantId(Uri.UnescapeDataString(tenant)), new FlowId(Uri.UnescapeDataString(flow))));
        http.Request.Path = path; // errors are in the form of the API that was asked
        return endpoint(http);
    });

    /// <summary>The same for a turn: whoever makes it here may need its client's key.</summary>
    public RequestDelegate BehindForTurns(RequestDelegate endpoint) => Behind(http =>
    {
        KeepClientKey(http.Request);
        return endpoint(http);
    });

    private void KeepClientKey(HttpRequest request) => clients.Keep(request.Headers[PeerPaths.ClientKeyHeader]);

    /// <summary>Answered as every address that nobody knows.</summary>
    public static Task NotFound(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
