using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Tests.Cluster;

/// <summary>A turn that a peer has sent.</summary>
public sealed class TurnReceptionTests : ICluster, ITreeRows, ITurnsAtWork, IDisposable
{
    private static readonly ResponseId Head = new("resp_2"), Root = new("resp_1"), Own = new("resp_3");
    private readonly List<string> _done = [];
    private bool _isAway, _isBusy, _isBegunMeanwhile;
    private NodeLoad _load = new() { Streams = 1 };
    private TreeRow? _tree;

    public TurnReceptionTests() => _tree = new TreeRow(Root, 4, Standing.Incarnation, Node: null);

    public NodeStanding Standing { get; } = new(new Incarnation("node_self"));
    public IReadOnlyList<ClusterNode> Nodes => [];

    public void Dispose() => Standing.Dispose();

    [Fact]
    public async Task OwnersTurn_Begins()
    {
        Assert.Equal(new TurnPlace.Here(4, TurnPast.MayBeStored), await ReceiveAsync(4));
        Assert.Equal(["begin resp_3 of resp_1"], _done);
    }

    [Fact]
    public async Task TurnOfAnEpochThatIsOver_IsRefused_AndClaimsNothing()
    {
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Moved), await ReceiveAsync(3));
        _tree = null;
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Moved), await ReceiveAsync(4));
        Assert.Empty(_done);
    }

    /// <summary>Two copies come at once, on two connections.</summary>
    [Fact]
    public async Task CopyThatLosesTheRace_Joins()
    {
        _isBegunMeanwhile = true;
        Assert.Equal(new TurnPlace.Join(), await ReceiveAsync(4));
    }

    [Fact]
    public async Task DrainingNode_LetsGoOfAnIdleTree()
    {
        Standing.Drain();
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Moved), await ReceiveAsync(4));
        Assert.Equal(["release 4"], _done);
    }

    [Fact]
    public async Task DrainingNode_KeepsABusyTree()
    {
        Standing.Drain();
        _isBusy = true;
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Draining), await ReceiveAsync(4));
        Assert.Empty(_done);
    }

    [Fact]
    public async Task NewChain_BeginsHere_WhereThereIsAStream()
    {
        _tree = null;
        Assert.Equal(new TurnPlace.Here(0, TurnPast.None), await ReceiveAsync(0, TurnPast.None, Standing.Incarnation));
        Assert.Equal(["begin resp_3 of resp_3"], _done);
    }

    [Fact]
    public async Task NewChain_IsRefused_ByANodeThatIsFull_OrWasNotMeant()
    {
        _tree = null;
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Moved), await ReceiveAsync(0, TurnPast.None, new Incarnation("node_before")));
        _load = _load with { StreamsBusy = 1 };
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.Full), await ReceiveAsync(0, TurnPast.None, Standing.Incarnation));
        Assert.Empty(_done);
        Assert.Equal(new TurnPlace.Here(0, TurnPast.MayBeStored), await ReceiveAsync(0, TurnPast.MayBeStored, Standing.Incarnation));
    }

    /// <summary>It ran, and nobody was told.</summary>
    [Fact]
    public async Task NewChain_ThatIsStoredHere_IsTold()
    {
        _tree = new TreeRow(Own, 1, Standing.Incarnation, Node: null);
        Assert.Equal(new TurnPlace.Here(1, TurnPast.MayBeStored), await ReceiveAsync(0, TurnPast.MayBeStored, Standing.Incarnation));
    }

    [Fact]
    public async Task DatabaseThatIsAway_RefusesTheTurn()
    {
        _isAway = true;
        Assert.Equal(new TurnPlace.Refuse(PlaceRefusal.StoreAway), await ReceiveAsync(4));
    }

    public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch)
    {
        if (!_isBegunMeanwhile) _done.Add($"begin {id} of {root}");
        return !_isBegunMeanwhile;
    }

    public long? EpochOf(TenantId tenant, ResponseId id) => null;

    public bool IsBusy(TenantId tenant, ResponseId root) => _isBusy;

    public ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        _isAway ? throw new StoreAwayException("It says nothing.") : new(_tree);

    public ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller) => throw new NotSupportedException();

    public ValueTask<bool> ReleaseAsync(TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller)
    {
        _done.Add($"release {epoch}");
        return new(true);
    }

    private Task<TurnPlace> ReceiveAsync(long epoch) => ReceiveAsync(epoch, TurnPast.MayBeStored, to: null);

    private Task<TurnPlace> ReceiveAsync(long epoch, TurnPast past, Incarnation? to) => new TurnReception(this, this, this, () => _load)
        .ReceiveAsync(TenantId.Local, Own, Head, epoch, past, to, CancellationToken.None).AsTask();
}
