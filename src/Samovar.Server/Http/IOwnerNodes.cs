using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>The nodes of a cluster that own the chains which requests here would add to. A server that stands alone has none.</summary>
internal interface IOwnerNodes
{
    /// <summary>Changes a chain where its owner is: here, or by passing the request on, and answering as that node does.</summary>
    /// <param name="http">The request.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="flow">Whose share of memory it takes there.</param>
    /// <param name="body">As it came, decompressed.</param>
    /// <param name="here">Changes and answers it here, or throws that the chain is another node's.</param>
    /// <exception cref="Protocol.Errors.ApiException">It is refused, here or there, or its owner is nowhere to be reached.</exception>
    Task ChangeAsync(HttpContext http, TenantId tenant, FlowId flow, ReadOnlyMemory<byte> body, Func<Task> here);

    /// <summary>Lets a background turn begin at the owner of what it continues, where that is another node, and answers as that one
    /// does.</summary>
    /// <returns>False where it begins here; nothing was answered.</returns>
    ValueTask<bool> TryBeginAsync(HttpContext http, TurnRequest turn, ReadOnlyMemory<byte> body);
}
