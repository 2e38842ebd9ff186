using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Chains.Packing;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Chains.Durable;

/// <summary>Responses that were reported as failed, and may be stored.</summary>
public sealed class TakingBackTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly ManualTime _time = new();
    private readonly StoredChains _chains = new();
    private readonly ChainRowsLab _rows = new();

    [Fact]
    public async Task ResponseWhoseStoringHadNoAnswer_IsFoundByNobody_OnceItWasTakenBack()
    {
        await using var store = Open();
        var node = _chains.Next(null);
        _rows.LosesAnswers = true;
        await FailsAsync(Errors.ResponseNotStored, async () => await store.AddAsync(node, ChainClaim.New, Soon.Token));
        (_rows.LosesAnswers, _rows.IsAway) = (false, true); // it has the row, and cannot be asked to lose it
        await store.TakeBackAsync(TenantId.Local, node.Id, ChainClaim.New, Soon.Token);
        Assert.Single(_rows.Rows);
        Assert.Null(await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
        _rows.IsAway = false;
        Assert.Null(await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
        Assert.Null(await store.FindItemAsync(TenantId.Local, node.Output[0].Id!, Soon.Token));
        await FailsAsync(Errors.StoreUnavailable, // of a conversation, for now
            async () => await store.FindHeadAsync(TenantId.Local, node.Id, Soon.Token));
        await WhileAsync(() => _rows.Rows.Length > 0);
        Assert.Null(await Open().FindAsync(TenantId.Local, node.Id, Soon.Token));
    }

    /// <summary>A commit may come true after its connection was lost, and after a deletion found nothing.</summary>
    [Fact]
    public async Task ResponseThatIsStoredAfterItWasTakenBack_IsFoundByNobody()
    {
        var rows = _rows.Open();
        await using var store = Durables.Over(rows, _meters, time: _time);
        var node = _chains.Next(null);
        await store.TakeBackAsync(TenantId.Local, node.Id, ChainClaim.New, Soon.Token);
        await rows.AppendAsync(ChainPacking.Pack(node, ChainClaim.New), Soon.Token);
        Assert.Null(await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
        await WhileAsync(() => _rows.Rows.Length > 0);
    }

    /// <summary>Whoever has the chain now has found the response, and may have told it as complete.</summary>
    [Fact]
    public async Task ResponseWhoseChainWasClaimedBeforeItWasTakenBack_Stays_AndIsFoundAgain()
    {
        _rows.IsShared = true;
        await using var store = Open();
        var root = await AddAsync(_chains.Next(null), store);
        var claim = await store.ClaimAsync(TenantId.Local, root, Soon.Token);
        var node = _chains.Next(root);
        _rows.LosesAnswers = true;
        await FailsAsync(Errors.ResponseNotStored, async () => await store.AddAsync(node, claim, Soon.Token));
        (_rows.LosesAnswers, _rows.IsAway) = (false, true);
        await store.TakeBackAsync(TenantId.Local, node.Id, claim, Soon.Token);
        Assert.Null(await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
        _rows.IsAway = false;
        var other = Open();
        var theirs = await other.FindAsync(TenantId.Local, node.Id, Soon.Token);
        await other.ClaimAsync(TenantId.Local, theirs, Soon.Token);
        SameResponse.Holds(node, await store.FindAsync(TenantId.Local, node.Id, Soon.Token));
        Assert.Equal(2, _rows.Rows.Length);
    }

    public void Dispose() => _meters.Dispose();

    private DurableChainStore Open() => Durables.Over(_rows.Open(), _meters, time: _time);

    private static async Task<ChainNode> AddAsync(ChainNode node, DurableChainStore store)
    {
        await store.AddAsync(node, await store.ClaimAsync(node.Tenant, node.Parent, Soon.Token), Soon.Token);
        return node;
    }

    private async Task WhileAsync(Func<bool> isSo)
    {
        var ends = Soon.Token;
        while (isSo())
        {
            ends.ThrowIfCancellationRequested();
            _time.Advance(TakenBackResponses.TryAgainAfter);
            await Task.Yield();
        }
    }

    private static async Task FailsAsync(ErrorKind kind, Func<Task> call) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<ApiException>(call)).Kind);
}
