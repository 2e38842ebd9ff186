using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Claims of a node that shares the store with others. It takes what is nobody's, and never what another has that lives.</summary>
/// <remarks>
/// A claim names the life that it was made by, and an append that life: a node that was declared dead meanwhile has begun another, and
/// appends nothing with what it had before.
/// </remarks>
internal sealed class NodeClaims(ICurrentLife life, ITreeRows trees)
{
    private const int TriesMax = 8;

    public Incarnation Life =>
        life.Current ?? throw new StoreAwayException("This node was declared dead, and has not begun another life.");

    /// <exception cref="ChainLostException">The life that made the claim is over.</exception>
    public void Require(ChainClaim claim)
    {
        if (claim.Owner is { } owner && owner != life.Current)
            throw new ChainLostException("The life of this node that the turn began in is over.");
    }

    /// <param name="placed">See <see cref="IChainRows.ClaimAsync"/>.</param>
    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId? root, long? placed, CancellationToken caller)
    {
        var by = Life;
        return root is not { } tree ? new(ChainClaim.New with { Owner = by })
            : placed is > 0 and var epoch ? new(new ChainClaim(epoch) { Owner = by })
            : new(TakeAsync(tenant, tree, by, caller));
    }

    private async Task<ChainClaim> TakeAsync(TenantId tenant, ResponseId root, Incarnation by, CancellationToken caller)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var tree = await trees.FindAsync(tenant, root, caller) ?? throw new ChainLostException("The chain is no longer stored.");
            if (tree.Owner == by) return new ChainClaim(tree.Epoch) { Owner = by };
            if (tree is { Owner: not null, Node: { State: not NodeState.Dead } owner }) throw new ChainElsewhereException(owner);
            if (await trees.ClaimAsync(tenant, root, tree.Epoch, by, isForced: false, caller))
                return new ChainClaim(tree.Epoch + 1) { Owner = by };
        }
        throw new StoreAwayException("This node may take no chains now, or others take this one at the same time.");
    }
}
