using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;

namespace Samovar.Server.Http;

/// <summary>The other nodes of a cluster, which may run or know what this one does not. A server that stands alone has none.</summary>
internal interface IOtherNodes
{
    /// <summary>Answers as the node does that knows the response.</summary>
    /// <returns>False where none does; nothing was answered.</returns>
    /// <exception cref="Protocol.Errors.ApiException">It is not known whether one does, or there is no room to ask it.</exception>
    ValueTask<bool> TryAnswerAsync(HttpContext http, TenantId tenant, ResponseId id);
}
