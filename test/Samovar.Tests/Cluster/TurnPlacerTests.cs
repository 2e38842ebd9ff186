using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Tracing;

namespace Samovar.Tests.Cluster;

/// <summary>A turn on its way to its owner; what happens on many ways at once is the simulation's.</summary>
public sealed class TurnPlacerTests : ICluster, ITreeRows, ITurnsAtWork, ITurnRelay, IDisposable
{
    private static readonly ResponseId Head = new("resp_2"), Root = new("resp_1");
    private static readonly ClusterNode Peer = new(
        new NodeName("other"), new Incarnation("node_other"), new Uri("http://other:1"), NodeState.Active)
    {
        Load = new NodeLoad { Streams = 4 },
    };
    private readonly ManualTime _time = new();
    private readonly List<string> _asked = [];
    private readonly Queue<RelayEnd?> _ends = new();
    private TreeRow? _tree = new(Root, 4, Peer.Incarnation, Peer);
    private bool _isAway, _isTakenByOthers;
    private long? _knownEpoch;
    private NodeLoad _load = new() { Streams = 1, StreamsBusy = 1 };
    private NodeState _peer;
    private Action _onRelay = () => { };

    public NodeStanding Standing { get; } = new(new Incarnation("node_self"));
    public IReadOnlyList<ClusterNode> Nodes => [Peer with { State = _peer }];

    public void Dispose() => Standing.Dispose();

    [Fact]
    public async Task Turn_RunsAtItsOwner()
    {
        _ends.Enqueue(null);
        Assert.IsType<PlacedTurn.Elsewhere>(await PlaceAsync());
        Assert.Equal(["look", "relay 4 None"], _asked);
    }

    [Fact]
    public async Task TurnThatBegins_AsksNobody()
    {
        Assert.Equal(new PlacedTurn.Here(Root: null, 0, TurnPast.None, Taken: null), await PlaceAsync(known: null));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task NewChain_OfAFullNode_BeginsElsewhere()
    {
        _ends.Enqueue(null);
        Assert.IsType<PlacedTurn.Elsewhere>(await BeginAsync());
        Assert.Equal(["relay 0 None"], _asked);
        _load = _load with { StreamsBusy = 0 };
        Assert.Equal(new PlacedTurn.Here(Root: null, 0, TurnPast.None, Taken: null), await BeginAsync());
    }

    /// <summary>Once: no other node is asked.</summary>
    [Theory]
    [MemberData(nameof(NotRun))]
    public async Task NewChain_ThatTheOtherNodeDidNotRun_BeginsHere(object end)
    {
        _ends.Enqueue((RelayEnd)end);
        Assert.Equal(new PlacedTurn.Here(Root: null, 0, TurnPast.None, Taken: null), await Soon.In(BeginAsync()));
        Assert.Equal(["relay 0 None"], _asked);
    }

    public static TheoryData<object> NotRun { get; } =
    [
        new RelayEnd.NotReached(), new RelayEnd.Refused(PlaceRefusal.Full), new RelayEnd.Refused(PlaceRefusal.Moved),
    ];

    [Fact]
    public async Task NewChain_ThatMayHaveBegun_IsLookedForThere_UntilThatNodeIsDead()
    {
        _tree = null;
        _ends.Enqueue(new RelayEnd.Broken(WasHeard: false));
        _ends.Enqueue(new RelayEnd.NotReached());
        var placing = BeginAsync();
        await PausedAsync(1);
        await PausedAsync(2, () => _peer = NodeState.Dead);
        Assert.Equal(new PlacedTurn.Here(Root: null, 0, TurnPast.MayBeStored, Taken: null), await Soon.In(placing));
        Assert.Equal(["relay 0 None", "look", "relay 0 MayBeStored", "look"], _asked);
    }

    /// <summary>It was stored there, and then that node died.</summary>
    [Fact]
    public async Task NewChain_ThatWasStored_IsClaimed_AndTold()
    {
        _tree = new TreeRow(Root, 1, Peer.Incarnation, Peer with { State = NodeState.Dead });
        _ends.Enqueue(new RelayEnd.Broken(WasHeard: true));
        var placing = BeginAsync();
        await PausedAsync(1);
        Assert.Equal(new PlacedTurn.Here(Root, 2, TurnPast.WasHeard, new ChainTakeover("dead", "other", 2)), await Soon.In(placing));
    }

    [Fact]
    public async Task NewChain_ThatMayRunWhereNobodyReachesIt_IsGivenUp()
    {
        _tree = null;
        for (var tries = 0; tries < TurnPlacement.OffersFailedMax; tries++) _ends.Enqueue(new RelayEnd.Broken(WasHeard: false));
        var placing = BeginAsync();
        for (var tries = 1; tries <= TurnPlacement.OffersFailedMax; tries++) await PausedAsync(tries);
        Assert.Equal(new PlacedTurn.Refused(PlaceRefusal.Unsettled), await Soon.In(placing));
    }

    [Fact]
    public async Task OwnTree_CostsOneLook()
    {
        _tree = _tree! with { Owner = Standing.Incarnation };
        Assert.Equal(new PlacedTurn.Here(Root, 4, TurnPast.None, Taken: null), await PlaceAsync());
        Assert.Equal(["look"], _asked);
    }

    [Fact]
    public async Task DeadNodesTree_IsClaimed_WithoutAnotherLook()
    {
        _tree = _tree! with { Node = Peer with { State = NodeState.Dead } };
        Assert.Equal(new PlacedTurn.Here(Root, 5, TurnPast.None, new ChainTakeover("dead", "other", 5)), await PlaceAsync());
        Assert.Equal(["look", "claim 4"], _asked);
    }

    [Fact]
    public async Task OwnerThatCannotBeReached_LosesItsTree_AfterTwoRelays()
    {
        _ends.Enqueue(new RelayEnd.Broken(WasHeard: false));
        _ends.Enqueue(new RelayEnd.NotReached());
        Assert.Equal(new PlacedTurn.Here(Root, 5, TurnPast.MayBeStored, new ChainTakeover("unreachable", "other", 5)), await PlaceAsync());
        Assert.Equal(["look", "relay 4 None", "look", "relay 4 MayBeStored", "look", "force 4"], _asked);
    }

    [Fact]
    public async Task ClaimThatOthersWon_IsLookedUpAgain()
    {
        (_tree, _isTakenByOthers) = (_tree! with { Owner = null, Node = null }, true);
        _ends.Enqueue(null);
        Assert.IsType<PlacedTurn.Elsewhere>(await PlaceAsync());
        Assert.Equal(["look", "claim 4", "look", "relay 5 None"], _asked);
    }

    [Fact]
    public async Task BusyChainOfANodeThatDrains_IsAskedForAgain_AfterAPause()
    {
        _ends.Enqueue(new RelayEnd.Refused(PlaceRefusal.Draining));
        _ends.Enqueue(null);
        var placing = PlaceAsync();
        await Soon.UntilAsync(() => _time.Armed > 0);
        Assert.Equal(["look", "relay 4 None"], _asked);
        _time.Advance(2 * new ClusterOptions().HandOverPause);
        Assert.IsType<PlacedTurn.Elsewhere>(await Soon.In(placing));
    }

    /// <summary>It is not in the rows any more when the tree is claimed.</summary>
    [Fact]
    public async Task NodeThatLetGo_IsStillKnown()
    {
        _ends.Enqueue(new RelayEnd.Refused(PlaceRefusal.Moved));
        var placing = PlaceAsync(onRelay: () => _tree = _tree! with { Owner = null, Node = null });
        Assert.Equal(new PlacedTurn.Here(Root, 5, TurnPast.None, new ChainTakeover("let_go", "other", 5)), await placing);
    }

    [Fact]
    public async Task OwnerThatMovesForEver_IsGivenUp()
    {
        for (var looks = 0; looks <= TurnPlacement.LooksMax; looks++) _ends.Enqueue(new RelayEnd.Refused(PlaceRefusal.Moved));
        Assert.Equal(new PlacedTurn.Refused(PlaceRefusal.Unsettled), await PlaceAsync());
        Assert.Equal(TurnPlacement.LooksMax, _asked.Count(asked => asked.StartsWith("relay", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DatabaseThatIsAway_RefusesTheTurn()
    {
        _isAway = true;
        Assert.Equal(new PlacedTurn.Refused(PlaceRefusal.StoreAway), await PlaceAsync());
    }

    [Fact]
    public async Task NodeThatDiedMeanwhile_ClaimsNothing()
    {
        _ends.Enqueue(new RelayEnd.NotReached());
        _ends.Enqueue(new RelayEnd.NotReached());
        var placing = PlaceAsync(onRelay: () => Standing.Die("cut off"));
        Assert.Equal(new PlacedTurn.Refused(PlaceRefusal.Dead), await placing);
        Assert.DoesNotContain("force 4", _asked);
    }

    [Fact]
    public async Task TurnThatWasBegunHere_IsJoined_WhileItsTreeIsHere()
    {
        _knownEpoch = 4;
        _tree = _tree! with { Owner = Standing.Incarnation };
        Assert.Equal(new PlacedTurn.Join(), await PlaceAsync());
        Assert.Equal(["look"], _asked);
        _tree = _tree with { Epoch = 6 };
        Assert.IsType<PlacedTurn.Here>(await PlaceAsync());
    }

    public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch) => throw new NotSupportedException();

    public long? EpochOf(TenantId tenant, ResponseId id) => _knownEpoch;

    public bool IsBusy(TenantId tenant, ResponseId root) => throw new NotSupportedException();

    public ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        _asked.Add("look");
        return _isAway ? throw new StoreAwayException("It says nothing.") : new(_tree);
    }

    public ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller)
    {
        _asked.Add($"{(isForced ? "force" : "claim")} {epoch}");
        Assert.Equal((Root, Standing.Incarnation), (root, by));
        if (_isTakenByOthers) _tree = new TreeRow(Root, epoch + 1, Peer.Incarnation, Peer);
        return new(!_isTakenByOthers);
    }

    public ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller) => throw new NotSupportedException();

    public ValueTask<bool> ReleaseAsync(TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller) =>
        throw new NotSupportedException();

    ValueTask<RelayEnd?> ITurnRelay.SendAsync(ClusterNode to, long epoch, TurnPast past, CancellationToken turnCancelled)
    {
        _asked.Add($"relay {epoch} {past}");
        _onRelay();
        return new(_ends.Dequeue());
    }

    private Task<PlacedTurn> PlaceAsync() => PlaceAsync(Head);

    private Task<PlacedTurn> PlaceAsync(Action onRelay)
    {
        _onRelay = onRelay;
        return PlaceAsync();
    }

    private Task<PlacedTurn> BeginAsync() => PlaceAsync(known: null, new TurnCourse { MayBeginAnywhere = true });

    /// <summary>So often was the turn sent, and then it waits; what is to happen meanwhile happens, and the wait is over.</summary>
    private async Task PausedAsync(int relays, Action? meanwhile = null)
    {
        await Soon.UntilAsync(() => Relays() == relays && _time.Armed > 0);
        meanwhile?.Invoke();
        while (Relays() == relays && _time.Armed > 0) _time.Advance(new ClusterOptions().HandOverPause / 10);

        int Relays() => _asked.Count(asked => asked.StartsWith("relay", StringComparison.Ordinal));
    }

    private Task<PlacedTurn> PlaceAsync(ResponseId? known, TurnCourse course = default) =>
        new TurnPlacer(this, this, this, () => _load, new ClusterOptions(), new Random(1), _time, NullLogger<TurnPlacer>.Instance)
            .PlaceAsync(TenantId.Local, new ResponseId("resp_own"), known, course, this, CancellationToken.None).AsTask();
}
