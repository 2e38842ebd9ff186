using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Auth;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Lets requests for turns in, and those that are at home at another node of a cluster out again.</summary>
/// <param name="homes">The nodes of a cluster where conversations are warm; null: there are none.</param>
/// <param name="owners">Those that own what background turns continue; null: there are none.</param>
internal sealed class TurnDoor(KeyRing keys, IHomeNodes? homes = null, IOwnerNodes? owners = null)
{
    /// <summary>Who asks for a turn: the caller of this node, or of the one that passes the request on.</summary>
    /// <exception cref="Protocol.Errors.ApiException">The key is missing or unknown, or no keys can be read.</exception>
    public (TenantId Tenant, FlowId Flow) CallerOf(HttpContext http)
    {
        if (http.Features.Get<PeerCaller>() is { Flow: { } flow, Tenant: var tenant })
        {
            keys.RequireReadable(); // the tenant's quotas are counted here
            return (tenant, flow);
        }
        var caller = keys.Require(http.Request);
        return (caller.Tenant, keys.FlowOf(http, caller));
    }

    /// <inheritdoc cref="IHomeNodes.TryAnswerAsync"/>
    public ValueTask<bool> IsAnsweredElsewhereAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body, ISseForm form) =>
        (turn.Request.Background ? owners?.TryBeginAsync(http, turn, body) : homes?.TryAnswerAsync(http, turn, body, form)) ?? default;
}
