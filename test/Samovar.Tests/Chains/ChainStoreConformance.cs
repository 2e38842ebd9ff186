using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>What every store of responses does, whatever it is made of.</summary>
public abstract class ChainStoreConformance : IAsyncLifetime
{
    private static readonly TenantId Other = new("other");
    private readonly StoredChains _chains = new();
    private IChainStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    private protected abstract ValueTask<IChainStore> OpenAsync();

    [Fact]
    public async Task Response_IsFoundWithItsChain_ByItsTenantAlone()
    {
        var node = await NextAsync(await NextAsync(await NextAsync()));
        SameResponse.Holds(node, await FindAsync(node));
        Assert.Null(await _store.FindAsync(Other, node.Id, Soon.Token));
        Assert.False(await _store.DeleteAsync(Other, node.Id, Soon.Token));
        Assert.Null(await _store.FindAsync(TenantId.Local, new ResponseId("resp_none"), Soon.Token));
        SameResponse.Holds(node, await FindAsync(node));
        Assert.True(await _store.IsThereAsync(node, Soon.Token));
    }

    [Fact]
    public async Task Forks_ShareWhatIsBeforeThem()
    {
        var root = await NextAsync();
        var (one, other) = (await NextAsync(root), await NextAsync(root));
        var next = await NextAsync(one);
        foreach (var node in new[] { other, next, one, root }) SameResponse.Holds(node, await FindAsync(node));
    }

    [Fact]
    public async Task SameId_OfTwoTenants_IsTwoResponses()
    {
        var mine = new StoredChains().Next(null);
        var theirs = new StoredChains().Next(null, [Ask.User("theirs")], tenant: Other);
        await _store.AddAsync(mine, ChainClaim.New, Soon.Token);
        await _store.AddAsync(theirs, ChainClaim.New, Soon.Token);
        SameResponse.Holds(mine, await _store.FindAsync(TenantId.Local, mine.Id, Soon.Token));
        SameResponse.Holds(theirs, await _store.FindAsync(Other, mine.Id, Soon.Token));
        Assert.True(await _store.DeleteAsync(Other, mine.Id, Soon.Token));
        SameResponse.Holds(mine, await _store.FindAsync(TenantId.Local, mine.Id, Soon.Token));
    }

    [Fact]
    public async Task Item_IsFound_AsLongAsItsResponse()
    {
        var node = await NextAsync();
        var item = node.Output[0];
        Assert.Equal(item.Json, (await _store.FindItemAsync(TenantId.Local, item.Id!, Soon.Token))!.Json);
        Assert.Null(await _store.FindItemAsync(Other, item.Id!, Soon.Token));
        Assert.Null(await _store.FindItemAsync(TenantId.Local, "msg_none", Soon.Token));
        Assert.True(await _store.DeleteAsync(TenantId.Local, node.Id, Soon.Token));
        Assert.Null(await _store.FindItemAsync(TenantId.Local, item.Id!, Soon.Token));
    }

    [Fact]
    public async Task ItemThatSeveralResponsesHold_IsTheNewest_UntilTheLastIsGone()
    {
        var first = await NextAsync();
        var id = first.Output[0].Id!;
        var later = await NextAsync(null, [StoredChains.Said(id, "the same, resent")]);
        Assert.Equal(later.Input[0].Json, (await _store.FindItemAsync(TenantId.Local, id, Soon.Token))!.Json);
        await _store.DeleteAsync(TenantId.Local, later.Id, Soon.Token);
        Assert.Equal(first.Output[0].Json, (await _store.FindItemAsync(TenantId.Local, id, Soon.Token))!.Json);
        await _store.DeleteAsync(TenantId.Local, first.Id, Soon.Token);
        Assert.Null(await _store.FindItemAsync(TenantId.Local, id, Soon.Token));
    }

    [Fact]
    public async Task DeletedResponse_IsGone_ItsChildrenGoOn()
    {
        var root = await NextAsync();
        var child = await NextAsync(root);
        Assert.True(await _store.DeleteAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.False(await _store.DeleteAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.Null(await FindAsync(root));
        Assert.False(await _store.IsThereAsync(root, Soon.Token));
        Assert.Null(await _store.FindItemAsync(TenantId.Local, root.Output[0].Id!, Soon.Token));
        SameResponse.Holds(child, await FindAsync(child));
        Assert.Null(await FindAsync(root)); // though it was read with its child
        var next = await NextAsync(child);
        SameResponse.Holds(next, await FindAsync(next));
    }

    [Fact]
    public async Task ResponseThatWasTakenBack_IsNotFound()
    {
        var node = await NextAsync();
        await _store.TakeBackAsync(TenantId.Local, node.Id, ChainClaim.New, Soon.Token);
        Assert.Null(await FindAsync(node));
        Assert.Null(await _store.FindItemAsync(TenantId.Local, node.Output[0].Id!, Soon.Token));
        Assert.False(await _store.DeleteAsync(TenantId.Local, node.Id, Soon.Token));
    }

    [Fact]
    public async Task ManyAtOnce_AreAllThere()
    {
        var root = await NextAsync();
        var nodes = Enumerable.Range(0, 40).Select(_ => _chains.Next(root)).ToArray();
        await Soon.In(Task.WhenAll(nodes.Select(AddAsync)));
        await Soon.In(Task.WhenAll(nodes.Select(async node => SameResponse.Holds(node, await FindAsync(node)))));
    }

    [Fact]
    public async Task EveryKindOfItem_AndEverySetting_ComesBackAsItWas()
    {
        var root = await AddAsync(FullChain.Root());
        var node = await AddAsync(FullChain.Behind(root));
        SameResponse.Holds(node, await FindAsync(node));
        SameResponse.Holds(root, await FindAsync(root));
    }

    private ValueTask<ChainNode?> FindAsync(ChainNode node) => _store.FindAsync(node.Tenant, node.Id, Soon.Token);

    private Task<ChainNode> NextAsync(ChainNode? parent = null, IReadOnlyList<Item>? input = null) =>
        AddAsync(_chains.Next(parent, input));

    private async Task<ChainNode> AddAsync(ChainNode node)
    {
        var claim = await _store.ClaimAsync(node.Tenant, node.Parent, Soon.Token);
        await _store.AddAsync(node, claim, Soon.Token);
        return node;
    }
}
