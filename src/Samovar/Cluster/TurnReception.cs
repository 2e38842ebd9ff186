using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>The turns that this life of the node has begun.</summary>
internal interface ITurnsAtWork
{
    /// <summary>Notes that a turn begins; false where one of the same response was begun under that epoch before. One caller of many gets
    /// true.</summary>
    bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch);

    /// <summary>Under which epoch one of the same response was begun; null where none was.</summary>
    long? EpochOf(TenantId tenant, ResponseId id);

    /// <summary>Whether a turn goes on that will add to the tree.</summary>
    bool IsBusy(TenantId tenant, ResponseId root);
}

/// <summary>Takes turns that peers send here, or says why not; a chain that is wanted elsewhere while this node drains is let go.</summary>
internal sealed class TurnReception(ITreeRows rows, ICluster cluster, ITurnsAtWork turns, Func<NodeLoad> load)
{
    /// <param name="tenant">Whose it is.</param>
    /// <param name="id">The turn's own name, which its sender gave it.</param>
    /// <param name="known">A response of the chain.</param>
    /// <param name="epoch">Under which it was sent; 0 where it begins a conversation.</param>
    /// <param name="past">What may exist of it.</param>
    /// <param name="to">The life that it was sent to, of one that begins a conversation.</param>
    /// <param name="caller">The sender is gone.</param>
    /// <returns><see cref="TurnPlace.Here"/>, and then it counts as begun, <see cref="TurnPlace.Join"/> or
    /// <see cref="TurnPlace.Refuse"/>.</returns>
    public async ValueTask<TurnPlace> ReceiveAsync(
        TenantId tenant, ResponseId id, ResponseId known, long epoch, TurnPast past, Incarnation? to, CancellationToken caller)
    {
        var life = cluster.Standing;
        TreeRow? tree = null;
        TreeOwner owner;
        try
        {
            tree = await rows.FindAsync(tenant, known, caller);
            owner = tree is null ? new TreeOwner.New() : TreeOwner.Of(tree);
        }
        catch (StoreAwayException)
        {
            owner = new TreeOwner.Unknown();
        }
        var root = tree?.Root ?? id;
        var place = TurnPlacement.Decide(new TurnFacts
        {
            Self = life.Incarnation, Standing = life.State, Owner = owner,
            KnownEpoch = turns.EpochOf(tenant, id), Relayed = new RelayedTurn(epoch, turns.IsBusy(tenant, root))
            {
                IsToSelf = to == life.Incarnation, HasStream = epoch == 0 && NewChains.HasStream(load()),
            },
            Course = default(TurnCourse) with { Past = past },
        });
        return place switch
        {
            TurnPlace.Here here when !turns.TryBegin(tenant, id, root, here.Epoch) => new TurnPlace.Join(),
            TurnPlace.HandOver over => await HandOverAsync(tenant, root, over.Epoch, life.Incarnation, caller),
            _ => place,
        };
    }

    private async ValueTask<TurnPlace> HandOverAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation self, CancellationToken caller)
    {
        try
        {
            await rows.ReleaseAsync(tenant, root, epoch, self, caller);
            return new TurnPlace.Refuse(PlaceRefusal.Moved);
        }
        catch (StoreAwayException)
        {
            return new TurnPlace.Refuse(PlaceRefusal.StoreAway);
        }
    }
}
