using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;

namespace Samovar.Server.Http;

/// <summary>A request that another node passes on, for a tenant whom that one has let in. It is answered from what is here, and passed no
/// further.</summary>
/// <param name="Flow">Whose share of places it takes, where it asks for a turn.</param>
internal sealed record PassedOn(TenantId Tenant, FlowId? Flow = null)
{
    /// <summary>Who asks for a turn: the caller of this node, or of the one that passes the request on.</summary>
    /// <exception cref="Protocol.Errors.ApiException">The key is missing or unknown, or no keys can be read.</exception>
    public static (TenantId Tenant, FlowId Flow) CallerOf(HttpContext http, KeyRing keys)
    {
        if (http.Features.Get<PassedOn>() is { Flow: { } flow, Tenant: var tenant })
        {
            keys.RequireReadable(); // the tenant's quotas are counted here
            return (tenant, flow);
        }
        var caller = keys.Require(http.Request);
        return (caller.Tenant, keys.FlowOf(http, caller));
    }
}
