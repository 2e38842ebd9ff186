using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Tracing;

namespace Samovar.Cluster;

/// <summary>What became of a turn that was looked for a place.</summary>
internal abstract record PlacedTurn
{
    private PlacedTurn() { }

    /// <summary>It runs here; see <see cref="TurnPlace.Here"/>.</summary>
    /// <param name="Root">The tree's; null where it begins one.</param>
    /// <param name="Taken">How this node came by the tree just now; null where it had it.</param>
    public sealed record Here(ResponseId? Root, long Epoch, TurnPast Past, ChainTakeover? Taken) : PlacedTurn;

    /// <summary>It was begun here before; see <see cref="TurnPlace.Join"/>.</summary>
    public sealed record Join : PlacedTurn;

    /// <summary>It ran at its owner, and its end was told.</summary>
    public sealed record Elsewhere : PlacedTurn;

    public sealed record Refused(PlaceRefusal Why) : PlacedTurn;
}

/// <summary>Carries one turn to another node, and its events back to its client.</summary>
internal interface ITurnRelay
{
    /// <param name="to">Who gets it.</param>
    /// <param name="epoch">Under which it may run there.</param>
    /// <param name="past">What may exist of it.</param>
    /// <param name="turnCancelled">The client wants it no more.</param>
    /// <returns>Null where its end was told.</returns>
    ValueTask<RelayEnd?> SendAsync(ClusterNode to, long epoch, TurnPast past, CancellationToken turnCancelled);
}

/// <summary>Brings a client's turn to its place: looks up its chain's owner, claims, relays, and looks again, as the rules say.</summary>
internal sealed partial class TurnPlacer(
    ITreeRows rows, ICluster cluster, ITurnsAtWork turns, Func<NodeLoad> load, ClusterOptions options, Random random, TimeProvider time,
    ILogger<TurnPlacer> logger)
{
    /// <param name="tenant">Whose it is.</param>
    /// <param name="id">The turn's own name.</param>
    /// <param name="known">A response of the chain: the one that is continued, or the turn's own where it is asked for again; null where
    /// it begins a chain.</param>
    /// <param name="course">What was tried before.</param>
    /// <param name="relay">Carries it.</param>
    /// <param name="turnCancelled">The client wants it no more.</param>
    public async ValueTask<PlacedTurn> PlaceAsync(
        TenantId tenant, ResponseId id, ResponseId? known, TurnCourse course, ITurnRelay relay, CancellationToken turnCancelled)
    {
        var life = cluster.Standing;
        var (owner, root) = await LookAsync(tenant, known, turnCancelled);
        (ChainTakeover? taken, TreeOwner.Held? former, ClusterNode? offered) = (null, owner as TreeOwner.Held, null);
        while (true)
        {
            course = course.AfterLook();
            var facts = new TurnFacts
            {
                Self = life.Incarnation, Standing = life.State, Owner = owner, KnownEpoch = turns.EpochOf(tenant, id), Course = course,
                Spare = SpareFor(course, life), Offered = offered,
            };
            switch (TurnPlacement.Decide(facts))
            {
                case TurnPlace.Here here:
                    return new PlacedTurn.Here(owner is TreeOwner.New ? null : root, here.Epoch, here.Past, taken);
                case TurnPlace.Join:
                    return new PlacedTurn.Join();
                case TurnPlace.Refuse refuse:
                    return new PlacedTurn.Refused(refuse.Why);
                case TurnPlace.Claim claim:
                    if (!await ClaimAsync(tenant, root, claim, life, turnCancelled)) break;
                    taken = Note(root, former, owner, claim);
                    owner = new TreeOwner.Held(life.Incarnation, claim.Epoch + 1, Node: null);
                    continue;
                case TurnPlace.Relay to:
                    if (await relay.SendAsync(to.To, to.Epoch, course.Past, turnCancelled) is not { } back)
                        return new PlacedTurn.Elsewhere();
                    course = course.After(back, to.Epoch);
                    offered = to.Epoch == 0 && !IsSettled(back) ? to.To : null;
                    if (TurnCourse.WantsPause(back) || offered is not null && course.Past != TurnPast.None) await PauseAsync(turnCancelled);
                    break;
            }
            if (offered is not null) offered = Newest(offered); // and then the look: what a dead one has begun is in the rows, or never is
            (owner, root) = await LookAsync(tenant, known ?? (course.Past == TurnPast.None ? null : id), turnCancelled);
            former = owner as TreeOwner.Held ?? former;
        }
    }

    private ClusterNode? SpareFor(TurnCourse course, NodeStanding life) =>
        course is { MayBeginAnywhere: true, Looks: 1 } ? NewChains.Elsewhere(life.Incarnation, load(), cluster.Nodes) : null;

    /// <summary>As it was seen last; one that was forgotten is dead.</summary>
    private ClusterNode? Newest(ClusterNode node) => cluster.Nodes.FirstOrDefault(seen => seen.Incarnation == node.Incarnation);

    /// <summary>Whether the other node has said that it neither runs the turn nor will: it has no stream, or takes nothing more.</summary>
    private static bool IsSettled(RelayEnd end) => end is RelayEnd.Refused { Why: PlaceRefusal.Full or PlaceRefusal.Draining };

    /// <summary>Whether a turn here may add to a stored chain without asking anybody: no other node that lives owns it.</summary>
    /// <exception cref="StoreAwayException">The rows cannot be read now.</exception>
    public async ValueTask<bool> MayAddAsync(TenantId tenant, ResponseId known, CancellationToken caller) =>
        await rows.FindAsync(tenant, known, caller) is not { Node: { State: not NodeState.Dead } owner }
        || owner.Incarnation == cluster.Standing.Incarnation;

    /// <summary>A chain that is not stored is as one that begins: the turn finds out itself what it misses.</summary>
    private async ValueTask<(TreeOwner Owner, ResponseId Root)> LookAsync(TenantId tenant, ResponseId? known, CancellationToken caller)
    {
        if (known is not { } id) return (new TreeOwner.New(), default);
        try
        {
            return await rows.FindAsync(tenant, id, caller) is { } tree
                ? (TreeOwner.Of(tree), tree.Root) : (new TreeOwner.New(), default);
        }
        catch (StoreAwayException)
        {
            return (new TreeOwner.Unknown(), default);
        }
    }

    /// <summary>One that was not answered may have been made: the next look tells.</summary>
    private async ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, TurnPlace.Claim claim, NodeStanding life, CancellationToken caller)
    {
        try
        {
            return life.MayBegin && await rows.ClaimAsync(tenant, root, claim.Epoch, life.Incarnation, claim.IsForced, caller);
        }
        catch (StoreAwayException)
        {
            return false;
        }
    }

    private Task PauseAsync(CancellationToken caller) =>
        Task.Delay(options.HandOverPause * (0.5 + random.NextDouble()), time, caller);

    /// <param name="former">Who was seen to have it last, if anybody was.</param>
    private ChainTakeover Note(ResponseId root, TreeOwner.Held? former, TreeOwner owner, TurnPlace.Claim claim)
    {
        var whose = former?.By.Value ?? "nobody";
        if (claim.IsForced) Log.TakenByForce(logger, root, whose);
        else Log.Taken(logger, root, whose);
        var how = claim.IsForced ? TreeTaken.ByForce : owner is TreeOwner.Held ? TreeTaken.OfTheDead : TreeTaken.LetGo;
        return new ChainTakeover(NodeWords.Of(how), former?.Node?.Name.Value, claim.Epoch + 1);
    }

    private static partial class Log
    {
        [LoggerMessage(5010, LogLevel.Information, "The chain of {Root} was taken from {Former}, which has let go of it or is dead")]
        public static partial void Taken(ILogger logger, ResponseId root, string former);

        [LoggerMessage(5011, LogLevel.Warning,
            "The chain of {Root} was taken from {Former} by force: it cannot be reached from here, though its row says that it lives")]
        public static partial void TakenByForce(ILogger logger, ResponseId root, string former);
    }
}
