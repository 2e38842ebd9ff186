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
    /// <inheritdoc cref="KeyRing.CallerOf"/>
    public (TenantId Tenant, FlowId Flow) CallerOf(HttpContext http) => keys.CallerOf(http);

    /// <inheritdoc cref="IHomeNodes.TryAnswerAsync"/>
    public ValueTask<bool> IsAnsweredElsewhereAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body, ISseForm form) =>
        (turn.Request.Background ? owners?.TryBeginAsync(http, turn, body) : homes?.TryAnswerAsync(http, turn, body, form)) ?? default;
}
