using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Chains.Durable;

public sealed class DurableChainStoreTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly ManualTime _time = new();
    private readonly StoredChains _chains = new();
    private readonly ChainRowsLab _rows = new();

    [Fact]
    public async Task ManyWhoMissTheSame_ReadItOnce()
    {
        var end = await ChainAsync(30);
        _rows.Reading = new PhaseGate();
        var store = Open();
        var found = Enumerable.Range(0, 20).Select(_ => store.FindAsync(TenantId.Local, end.Id, Soon.Token).AsTask()).ToArray();
        await Soon.In(_rows.Reading.Reached);
        _rows.Reading.Open();
        var nodes = await Soon.In(Task.WhenAll(found));
        SameResponse.Holds(end, nodes[0]);
        Assert.All(nodes, node => Assert.Same(nodes[0], node));
        Assert.Equal(30, _rows.RowsRead);
        Assert.Same(nodes[0], await store.FindAsync(TenantId.Local, end.Id, Soon.Token));
        Assert.Equal(30, _rows.RowsRead);
    }

    [Fact]
    public async Task ForksThatAreMissedAtOnce_ReadWhatTheyShareOnce()
    {
        var shared = await ChainAsync(30);
        var ends = new List<ChainNode>();
        for (var i = 0; i < 3; i++) ends.Add(await AddAsync(_chains.Next(shared)));
        var (store, gate) = (Open(), _rows.ReadingOn = new PhaseGate());
        var finding = Task.WhenAll(ends.Select(end => store.FindAsync(TenantId.Local, end.Id, Soon.Token).AsTask()));
        for (var testEnds = Soon.Token; _rows.RowsRead < 3 + 1; await Task.Yield()) testEnds.ThrowIfCancellationRequested();
        gate.Open(); // each has its own row, and one of them goes on
        var found = await Soon.In(finding);
        Assert.All(found, node => Assert.Same(found[0]!.Parent, node!.Parent));
        Assert.InRange(_rows.RowsRead, 33, 33 + 2); // each of the others may have its next row at hand when it learns that it is there
    }

    [Fact]
    public async Task NextMissOfAChain_ReadsOnlyWhatIsNew()
    {
        var end = await ChainAsync(20);
        var store = Open();
        var held = await store.FindAsync(TenantId.Local, end.Id, Soon.Token);
        var later = await AddAsync(_chains.Next(end)); // by another process
        var read = _rows.RowsRead;
        Assert.Same(held, (await store.FindAsync(TenantId.Local, later.Id, Soon.Token))!.Parent);
        Assert.Equal(1, _rows.RowsRead - read);
        Assert.Same(held!.Parent, await store.FindAsync(TenantId.Local, held.Parent!.Id, Soon.Token));
        Assert.Equal(2, _rows.RowsRead - read); // whether it was deleted, only its row says
    }

    [Fact]
    public async Task ResponseThatIsShown_IsReadAlone_WhereItsChainSaysNothingOfIt()
    {
        var root = await ChainAsync(1);
        var end = await AddAsync(_chains.Next(root)); // whose settings are its parent's
        var store = Open();
        var alone = await store.FindResponseAsync(TenantId.Local, root.Id, Soon.Token);
        Assert.Equal((0, 0L), (_rows.RowsRead, store.Bytes)); // no chain was read, and none is kept
        Assert.Equal(ResponseWriter.Bytes(root.Response), ResponseWriter.Bytes(alone!));
        var told = await store.FindResponseAsync(TenantId.Local, end.Id, Soon.Token);
        Assert.Equal(ResponseWriter.Bytes(end.Response), ResponseWriter.Bytes(told!));
        Assert.Null(await store.FindResponseAsync(new TenantId("other"), root.Id, Soon.Token));
        await store.DeleteAsync(TenantId.Local, root.Id, Soon.Token);
        Assert.Null(await store.FindResponseAsync(TenantId.Local, root.Id, Soon.Token));
    }

    [Fact]
    public async Task Memory_IsBoundedByTheCache_AndEverythingIsFound()
    {
        var options = new ChainOptions { BytesMax = 100_000 };
        var store = Durables.Over(_rows.Open(), _meters, options, _time);
        var nodes = new List<ChainNode>();
        for (var i = 0; i < 500; i++)
        {
            var node = _chains.Next(i % 10 == 0 ? null : nodes[^1]);
            nodes.Add(await AddAsync(node, store));
            Assert.InRange(store.Bytes, 0, options.BytesMax);
        }
        foreach (var node in nodes)
        {
            SameResponse.Holds(node, await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
            Assert.InRange(store.Bytes, 0, options.BytesMax);
        }
    }

    [Fact]
    public async Task EvictedResponse_GivesItsWarmStateBack()
    {
        var store = Durables.Over(_rows.Open(), _meters, new ChainOptions { CountMax = 1 }, _time);
        var state = new ScriptedState(1);
        var node = _chains.Next(null, state: state);
        await store.AddAsync(node, ChainClaim.New, Soon.Token);
        Assert.Equal(0, state.Releases);
        await store.AddAsync(_chains.Next(null), ChainClaim.New, Soon.Token);
        Assert.Equal(1, state.Releases);
        SameResponse.Holds(node, await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
    }

    [Fact]
    public async Task WhoeverLeaves_DoesNotStopTheReadingOfOthers_AndTheLastDoes()
    {
        var end = await ChainAsync(3);
        _rows.Reading = new PhaseGate();
        var store = Open();
        using var leaves = new CancellationTokenSource();
        var first = store.FindAsync(TenantId.Local, end.Id, leaves.Token).AsTask();
        var second = store.FindAsync(TenantId.Local, end.Id, Soon.Token).AsTask();
        await Soon.In(_rows.Reading.Reached);
        leaves.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _rows.Reading.Open();
        Assert.NotNull(await Soon.In(second));

        var other = Open();
        _rows.Reading = new PhaseGate();
        using var all = new CancellationTokenSource();
        var alone = other.FindAsync(TenantId.Local, end.Id, all.Token).AsTask();
        await Soon.In(_rows.Reading.Reached);
        all.Cancel(); // and the gate, which nobody opens, is left
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        _rows.Reading = null;
        Assert.NotNull(await other.FindAsync(TenantId.Local, end.Id, Soon.Token));
    }

    [Fact]
    public async Task ResponseThatIsDeletedWhileItIsRead_IsNotFound()
    {
        var end = await ChainAsync(3);
        _rows.Reading = new PhaseGate();
        var store = Open();
        var found = store.FindAsync(TenantId.Local, end.Id, Soon.Token).AsTask();
        await Soon.In(_rows.Reading.Reached);
        Assert.True(await store.DeleteAsync(TenantId.Local, end.Id, Soon.Token));
        _rows.Reading.Open();
        Assert.Null(await Soon.In(found));
        _rows.Reading = null;
        Assert.Null(await store.FindAsync(TenantId.Local, end.Id, Soon.Token));
    }

    [Fact]
    public async Task StoreThatIsAway_CostsOnlyWhatIsNotInMemory_AndNeedsNoRestart()
    {
        var far = await ChainAsync(3);
        var store = Open();
        var near = await AddAsync(_chains.Next(null), store);
        _rows.IsAway = true;
        Assert.Same(near, await store.FindAsync(TenantId.Local, near.Id, Soon.Token));
        await AwayAsync(async () => await store.FindAsync(TenantId.Local, far.Id, Soon.Token));
        await AwayAsync(async () => await store.FindItemAsync(TenantId.Local, "msg_1", Soon.Token));
        await AwayAsync(async () => await store.ClaimAsync(TenantId.Local, null, Soon.Token));
        await AwayAsync(async () => await store.ClaimAsync(TenantId.Local, near, Soon.Token));
        await AwayAsync(async () => await store.DeleteAsync(TenantId.Local, near.Id, Soon.Token));
        _rows.IsAway = false;
        SameResponse.Holds(far, await store.FindAsync(TenantId.Local, far.Id, Soon.Token));
        await AddAsync(_chains.Next(near), store);
    }

    /// <summary>What is in memory is one small question more where others may delete, and stays there while nobody can be asked.</summary>
    [Fact]
    public async Task ResponseThatAnotherProcessDeleted_IsNotFound_ThoughItIsInMemory()
    {
        _rows.IsShared = true;
        var (store, other) = (Open(), Open());
        var (root, end) = (await AddAsync(_chains.Next(null), store), default(ChainNode));
        end = await AddAsync(_chains.Next(root), store);
        var read = _rows.RowsRead;
        Assert.Same(root, await store.FindAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.True(await other.DeleteAsync(TenantId.Local, root.Id, Soon.Token));
        _rows.IsAway = true;
        Assert.Same(root, await store.FindAsync(TenantId.Local, root.Id, Soon.Token));
        _rows.IsAway = false;
        Assert.Null(await store.FindItemAsync(TenantId.Local, root.Output[0].Id!, Soon.Token));
        Assert.False(await store.IsThereAsync(root, Soon.Token));
        Assert.Null(await store.FindAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.Same(end, await store.FindAsync(TenantId.Local, end.Id, Soon.Token));
        Assert.Equal(read, _rows.RowsRead);
    }

    [Fact]
    public async Task OfTwoProcesses_TheOneThatCameLast_AddsToTheChain()
    {
        var (one, other) = (Open(), Open());
        var root = await AddAsync(_chains.Next(null), one);
        var claim = await one.ClaimAsync(TenantId.Local, root, Soon.Token);
        var theirs = await other.FindAsync(TenantId.Local, root.Id, Soon.Token);
        await AddAsync(_chains.Next(theirs), other);
        var late = _chains.Next(root);
        await FailsAsync(Errors.ChainLost, async () => await one.AddAsync(late, claim, Soon.Token));
        Assert.Null(await one.FindAsync(TenantId.Local, late.Id, Soon.Token));
        await AddAsync(_chains.Next(root), one); // its next turn takes the chain back
    }

    [Fact]
    public async Task TenantsBound_IsAnErrorThatSaysSo()
    {
        var store = Open();
        _rows.ResponsesMax = 1;
        var node = await AddAsync(_chains.Next(null), store);
        var full = await FailsAsync(Errors.StoreFull, () => AddAsync(_chains.Next(node), store));
        Assert.Contains("bound of 1 stored", full.Message, StringComparison.Ordinal);
        await store.DeleteAsync(TenantId.Local, node.Id, Soon.Token);
        await AddAsync(_chains.Next(null), store);
    }

    [Fact]
    public async Task RowThatCannotBeRead_IsAnErrorOfItsOwn_AndOthersAreFound()
    {
        var broken = await ChainAsync(3);
        var whole = await ChainAsync(3);
        _rows.Replace(broken.Root, row => row with { Body = new byte[] { 1, 1, 40, 7 } });
        var store = Open();
        var error = await FailsAsync(Errors.StoredUnreadable, async () => await store.FindAsync(TenantId.Local, broken.Id, Soon.Token));
        Assert.Contains(broken.Id.Value, error.Message, StringComparison.Ordinal);
        SameResponse.Holds(whole, await store.FindAsync(TenantId.Local, whole.Id, Soon.Token));
    }

    [Fact]
    public async Task RowsThatDoNotMakeOneChain_AreNotTakenForOne()
    {
        var (end, other) = (await ChainAsync(3), await ChainAsync(3));
        var before = end.Parent!.Id;
        _rows.Replace(before, row => row with { Depth = 7 });
        await FailsAsync(Errors.StoredUnreadable, async () => await Open().FindAsync(TenantId.Local, end.Id, Soon.Token));
        _rows.Replace(before, row => row with { Depth = 2, Body = _rows.Rows.Single(row => row.Id == other.Parent!.Id).Body });
        await FailsAsync(Errors.StoredUnreadable, async () => await Open().FindAsync(TenantId.Local, end.Id, Soon.Token));
    }

    public void Dispose() => _meters.Dispose();

    private DurableChainStore Open() => Durables.Over(_rows.Open(), _meters, time: _time);

    /// <summary>A chain that another process stored.</summary>
    private async Task<ChainNode> ChainAsync(int length)
    {
        ChainNode? node = null;
        for (var i = 0; i < length; i++) node = await AddAsync(_chains.Next(node));
        return node!;
    }

    private Task<ChainNode> AddAsync(ChainNode node) => AddAsync(node, Open());

    private static async Task<ChainNode> AddAsync(ChainNode node, DurableChainStore store)
    {
        await store.AddAsync(node, await store.ClaimAsync(node.Tenant, node.Parent, Soon.Token), Soon.Token);
        return node;
    }

    private static Task<ApiException> AwayAsync(Func<Task> call) => FailsAsync(Errors.StoreUnavailable, call);

    private static async Task<ApiException> FailsAsync(ErrorKind kind, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<ApiException>(call);
        Assert.Equal(kind, error.Kind);
        if (kind == Errors.StoreUnavailable) Assert.NotNull(error.RetryAfter);
        return error;
    }
}
