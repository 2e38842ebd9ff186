using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;

namespace Samovar.Turns;

/// <summary>One request on its way into the pipeline.</summary>
internal sealed record TurnRequest
{
    public required TenantId Tenant { get; init; }
    public required CreateRequest Request { get; init; }
    public required IParentSource Parents { get; init; }

    /// <summary>Set for a bare continuation: the response that goes on, from which settings are taken over where the frame does not name them.</summary>
    public ChainNode? TakeOverFrom { get; init; }

    /// <summary>When the request came in, as the pipeline's clock counts (<c>TimeProvider.GetTimestamp</c>); 0 lets the pipeline take its own time.</summary>
    public long ArrivedAt { get; init; }
}
