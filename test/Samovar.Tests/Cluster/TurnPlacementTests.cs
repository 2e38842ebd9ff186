using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Tests.Cluster;

/// <summary>Where a turn runs, for every combination of what that depends on.</summary>
public sealed class TurnPlacementTests
{
    private const long Epoch = 7, OtherEpoch = 6;
    private static readonly Incarnation Self = new("node_self"), Peer = new("node_other");
    private static readonly TreeOwner Own = new TreeOwner.Held(Self, Epoch, Node(Self, NodeState.Active));

    private static readonly TreeOwner[] Owners =
    [
        new TreeOwner.New(), new TreeOwner.Nobody(Epoch), new TreeOwner.Unknown(), Own,
        new TreeOwner.Held(Self, Epoch, Node(Self, NodeState.Dead)), new TreeOwner.Held(Peer, Epoch, Node: null),
        .. Enum.GetValues<NodeState>().Select(Other),
    ];

    /// <summary>Where a turn that begins a chain may go, and where it has been.</summary>
    private static readonly (ClusterNode? Spare, ClusterNode? Offered)[] Others =
    [
        (null, null), (Node(Peer, NodeState.Active), null), (null, Node(Peer, NodeState.Active)), (null, Node(Peer, NodeState.Dead)),
    ];

    /// <summary>All of them: some tens of thousands.</summary>
    private static readonly TurnFacts[] All =
    [
        .. from standing in Enum.GetValues<NodeState>()
           from owner in Owners
           from relayed in Relays()
           from others in owner is TreeOwner.New ? Others : Others[..1]
           from known in (long?[])[null, 0, OtherEpoch, Epoch]
           from past in Enum.GetValues<TurnPast>()
           from failed in (int[])[0, 1, 2, TurnPlacement.OffersFailedMax]
           from failedEpoch in (long[])[Epoch, OtherEpoch]
           from looks in (int[])[1, TurnPlacement.LooksMax, TurnPlacement.LooksMax + 1]
           select new TurnFacts
           {
               Self = Self, Standing = standing, Owner = owner, Relayed = relayed, KnownEpoch = known,
               Course = new TurnCourse(past, looks, failed, failedEpoch),
               Spare = others.Spare, Offered = others.Offered,
           },
    ];

    public static TheoryData<string, string> Table { get; } = new()
    {
        { "new", "here 0" },
        { "nobody", "claim" },
        { "own", "here 7" },
        { "other Active", "relay" },
        { "other Draining", "relay" },
        { "other Dead", "claim" },
        { "other forgotten", "claim" },
        { "unknown", "refuse StoreAway" },
        { "other Active, failed 1", "relay" },
        { "other Active, failed 2", "force" },
        { "other Draining, failed 2", "force" },
        { "other Dead, failed 2", "claim" },
        { "other Active, failed 2 before", "relay" },
        { "other Active, looks 16", "relay" },
        { "other Active, looks 17", "refuse Unsettled" },
        { "own, known", "join" },
        { "own, known before", "here 7" },
        { "new, known", "here 0" },
        { "new, known new", "join" },
        { "other Active, known", "relay" },
        { "unknown, known", "refuse StoreAway" },
        { "own, known, draining", "join" },
        { "own, known, dead", "refuse Dead" },
        { "own, draining", "refuse Draining" },
        { "other Dead, draining", "refuse Draining" },
        { "own, dead", "refuse Dead" },
        { "own, relayed", "here 7" },
        { "own, relayed busy, known", "join" },
        { "own, relayed late", "refuse Moved" },
        { "own, relayed, draining", "hand over 7" },
        { "own, relayed busy, draining", "refuse Draining" },
        { "own, relayed busy, known, draining", "join" },
        { "own, relayed busy, known, dead", "refuse Dead" },
        { "own, relayed, known before", "here 7" },
        { "own, relayed late, draining", "refuse Moved" },
        { "nobody, relayed", "refuse Moved" },
        { "new, relayed", "refuse Moved" },
        { "other Dead, relayed", "refuse Moved" },
        { "other Active, relayed", "refuse Moved" },
        { "unknown, relayed", "refuse StoreAway" },
        { "new, spare", "relay" },
        { "new, spare, looked", "here 0" },
        { "new, spare, draining", "refuse Draining" },
        { "own, spare", "here 7" },
        { "new, offered", "here 0" },
        { "new, offered, maybe there", "relay" },
        { "new, offered dead, maybe there", "here 0" },
        { "new, maybe there", "here 0" },
        { "new, offered, sought in vain", "refuse Unsettled" },
        { "new, offered dead, sought in vain", "here 0" },
        { "other Dead, offered dead, maybe there", "claim" },
        { "new, sent", "here 0" },
        { "new, sent full", "refuse Full" },
        { "new, sent full, maybe there", "here 0" },
        { "new, sent full, known new", "join" },
        { "new, sent to another", "refuse Moved" },
        { "new, sent, draining", "refuse Draining" },
        { "new, sent, known new, draining", "join" },
        { "other Active, sent", "refuse Moved" },
        { "unknown, sent", "refuse StoreAway" },
        { "own, sent", "refuse Moved" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Turn_GoesWhereTheRulesSay(string facts, string place) => Assert.Equal(place, Told(TurnPlacement.Decide(Read(facts))));

    [Fact]
    public void EveryTurn_HasAPlace() => Assert.All(All, facts => Assert.NotNull(TurnPlacement.Decide(facts)));

    [Fact]
    public void DeadNode_OnlyRefuses() => Holds(
        facts => facts.Standing == NodeState.Dead, place => place is TurnPlace.Refuse(PlaceRefusal.Dead));

    [Fact]
    public void DrainingNode_BeginsNothing() => Holds(facts => facts.Standing == NodeState.Draining,
        place => place is TurnPlace.Refuse or TurnPlace.HandOver or TurnPlace.Join);

    [Fact]
    public void RelayedTurn_IsNeverSentOn_AndClaimsNothing() => Holds(
        facts => facts.Relayed is not null, place => place is not (TurnPlace.Relay or TurnPlace.Claim));

    [Fact]
    public void RelayedTurn_RunsUnderItsOwnEpochAlone() => Requires<TurnPlace.Here>(facts => facts.Relayed is null
        || facts is { IsKnown: false, Owner: TreeOwner.New, Relayed: { Epoch: 0, IsToSelf: true } }
        || facts is { IsKnown: false, Owner: TreeOwner.Held { Epoch: var epoch }, Relayed: { } relayed } && epoch == relayed.Epoch);

    [Fact]
    public void Turn_RunsOnlyWhereItsTreeIs() => Requires<TurnPlace.Here>(
        facts => facts.Owner is TreeOwner.New || facts.Owner is TreeOwner.Held held && held.By == Self);

    [Fact]
    public void Turn_RunsUnderTheEpochOfTheRows_WithItsPast()
    {
        foreach (var (facts, here) in Of<TurnPlace.Here>())
        {
            Assert.Equal(facts.Owner is TreeOwner.New ? 0 : Epoch, here.Epoch);
            Assert.Equal(facts.Course.Past, here.Past);
        }
    }

    [Fact]
    public void LivingOwnersTree_IsTakenByForceAlone_AfterFailedRelays()
    {
        foreach (var (facts, claim) in Of<TurnPlace.Claim>())
        {
            Assert.Equal(Epoch, claim.Epoch);
            Assert.Equal(facts.Owner is TreeOwner.Held { Node.State: not NodeState.Dead }, claim.IsForced);
            if (claim.IsForced)
                Assert.True(facts.Course is { RelaysFailed: >= TurnPlacement.RelaysFailedMax, FailedEpoch: Epoch });
        }
    }

    [Fact]
    public void Turn_IsSentToTheOwnerAlone_WhichIsAliveAndElsewhere()
    {
        foreach (var (facts, relay) in Of<TurnPlace.Relay>())
        {
            var owner = (facts.Owner as TreeOwner.Held)?.Node;
            Assert.Equal(owner ?? (facts.Course.Past == TurnPast.None ? facts.Spare : facts.Offered), relay.To);
            Assert.Equal(owner is null ? 0 : Epoch, relay.Epoch);
            Assert.NotEqual(Self, relay.To.Incarnation);
            Assert.NotEqual(NodeState.Dead, relay.To.State);
        }
    }

    [Fact]
    public void Tree_IsHandedOver_WhereNothingIsAtWorkOnIt() => Requires<TurnPlace.HandOver>(facts =>
        facts is { Standing: NodeState.Draining, IsKnown: false, Relayed.IsTreeBusy: false } && facts.Owner is TreeOwner.Held held
        && held.By == Self);

    private static void Holds(Func<TurnFacts, bool> where, Func<TurnPlace, bool> isSo)
    {
        var found = All.Where(where).ToList();
        Assert.NotEmpty(found);
        Assert.All(found, facts => Assert.True(isSo(TurnPlacement.Decide(facts)), facts.ToString()));
    }

    private static void Requires<TPlace>(Func<TurnFacts, bool> isSo) where TPlace : TurnPlace =>
        Assert.All(Of<TPlace>(), found => Assert.True(isSo(found.Facts), found.Facts.ToString()));

    private static List<(TurnFacts Facts, TPlace Place)> Of<TPlace>() where TPlace : TurnPlace
    {
        List<(TurnFacts, TPlace)> found =
            [.. from facts in All let place = TurnPlacement.Decide(facts) as TPlace where place is not null select (facts, place!)];
        Assert.NotEmpty(found);
        return found;
    }

    private static IEnumerable<RelayedTurn?> Relays() =>
    [
        null,
        .. from epoch in (long[])[Epoch, OtherEpoch]
           from isBusy in (bool[])[false, true]
           select new RelayedTurn(epoch, isBusy),
        .. from isToSelf in (bool[])[false, true]
           from hasStream in (bool[])[false, true]
           select new RelayedTurn(0, IsTreeBusy: false) { IsToSelf = isToSelf, HasStream = hasStream },
    ];

    private static ClusterNode Node(Incarnation incarnation, NodeState state) =>
        new(new NodeName("tea"), incarnation, new Uri("http://127.0.0.1:1"), state);

    private static TreeOwner Other(NodeState state) => new TreeOwner.Held(Peer, Epoch, Node(Peer, state));

    private static TurnFacts Read(string text)
    {
        var parts = text.Split(", ");
        var facts = new TurnFacts { Self = Self, Standing = NodeState.Active, Owner = OwnerOf(parts[0]) };
        return parts[1..].Aggregate(facts, (so, part) => part switch
        {
            "draining" => so with { Standing = NodeState.Draining },
            "dead" => so with { Standing = NodeState.Dead },
            "failed 1" => so with { Course = new TurnCourse(TurnPast.MayBeStored, 1, 1, Epoch) },
            "failed 2" => so with { Course = new TurnCourse(TurnPast.MayBeStored, 2, 2, Epoch) },
            "failed 2 before" => so with { Course = new TurnCourse(TurnPast.MayBeStored, 2, 2, OtherEpoch) },
            "looks 16" => so with { Course = so.Course with { Looks = 16 } },
            "looks 17" => so with { Course = so.Course with { Looks = 17 } },
            "known" => so with { KnownEpoch = Epoch },
            "known before" => so with { KnownEpoch = OtherEpoch },
            "known new" => so with { KnownEpoch = 0 },
            "relayed" => so with { Relayed = new RelayedTurn(Epoch, IsTreeBusy: false) },
            "relayed busy" => so with { Relayed = new RelayedTurn(Epoch, IsTreeBusy: true) },
            "relayed late" => so with { Relayed = new RelayedTurn(OtherEpoch, IsTreeBusy: false), KnownEpoch = Epoch },
            "spare" => so with { Spare = Node(Peer, NodeState.Active), Course = new TurnCourse { Looks = 1 } },
            "looked" => so with { Course = so.Course with { Looks = 2 } },
            "offered" => so with { Offered = Node(Peer, NodeState.Active) },
            "offered dead" => so with { Offered = Node(Peer, NodeState.Dead) },
            "maybe there" => so with { Course = so.Course with { Past = TurnPast.MayBeStored } },
            "sought in vain" => so with { Course = new TurnCourse(TurnPast.MayBeStored, 9, TurnPlacement.OffersFailedMax, 0) },
            "sent" => so with { Relayed = new RelayedTurn(0, IsTreeBusy: false) { IsToSelf = true, HasStream = true } },
            "sent full" => so with { Relayed = new RelayedTurn(0, IsTreeBusy: false) { IsToSelf = true } },
            "sent to another" => so with { Relayed = new RelayedTurn(0, IsTreeBusy: false) { HasStream = true } },
            _ => throw new ArgumentOutOfRangeException(nameof(text), part, message: null),
        });
    }

    private static TreeOwner OwnerOf(string text) => text switch
    {
        "new" => new TreeOwner.New(),
        "nobody" => new TreeOwner.Nobody(Epoch),
        "unknown" => new TreeOwner.Unknown(),
        "own" => Own,
        "other forgotten" => new TreeOwner.Held(Peer, Epoch, Node: null),
        _ => Other(Enum.Parse<NodeState>(text["other ".Length..])),
    };

    private static string Told(TurnPlace place) => place switch
    {
        TurnPlace.Here here => $"here {here.Epoch}",
        TurnPlace.Join => "join",
        TurnPlace.Claim { IsForced: true } => "force",
        TurnPlace.Claim => "claim",
        TurnPlace.Relay => "relay",
        TurnPlace.HandOver over => $"hand over {over.Epoch}",
        TurnPlace.Refuse refuse => $"refuse {refuse.Why}",
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };
}
