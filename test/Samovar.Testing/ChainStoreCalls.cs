using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing;

/// <summary>Calls of a store of responses, as a server makes them that stands alone.</summary>
internal static class ChainStoreCalls
{
    public static ValueTask<ChainClaim> ClaimAsync(this IChainStore store, TenantId tenant, ChainNode? parent, CancellationToken caller) =>
        store.ClaimAsync(tenant, parent, placed: null, caller);

    public static ValueTask<ChainClaim> ClaimAsync(this IChainRows rows, TenantId tenant, ResponseId root, CancellationToken caller) =>
        rows.ClaimAsync(tenant, root, placed: null, caller);
}
