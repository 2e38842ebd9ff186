using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Chains;

public sealed class MemoryChainStoreTests : IDisposable
{
    private static readonly TenantId Other = new("other");
    private readonly CoreHouse _house = new(
        chains: options => (options.CountMax, options.BytesMax, options.AgeMax) = (4, 1000, TimeSpan.FromHours(1)));
    private int _count;

    private MemoryChainStore Store => _house.Stored;

    [Fact]
    public async Task Response_IsFound_ByItsTenantAlone()
    {
        var node = await AddAsync();
        Assert.Same(node, await FindAsync(node));
        Assert.Null(await Store.FindAsync(Other, node.Id, Soon.Token));
        Assert.False(await Store.DeleteAsync(Other, node.Id, Soon.Token));
        Assert.Same(node, await FindAsync(node));
    }

    [Fact]
    public async Task Item_IsFound_AsLongAsItsResponse()
    {
        var node = await AddAsync();
        var item = node.Output[0];
        Assert.Same(item, await Store.FindItemAsync(TenantId.Local, item.Id!, Soon.Token));
        Assert.Null(await Store.FindItemAsync(Other, item.Id!, Soon.Token));
        Assert.True(await Store.DeleteAsync(TenantId.Local, node.Id, Soon.Token));
        Assert.Null(await Store.FindItemAsync(TenantId.Local, item.Id!, Soon.Token));
    }

    [Fact]
    public async Task ItemThatSeveralResponsesHold_IsFound_UntilTheLastIsGone()
    {
        var first = await AddAsync();
        var resent = await AddAsync(input: first.Output); // as a client does that sends its history again
        var id = first.Output[0].Id!;
        await Store.DeleteAsync(TenantId.Local, resent.Id, Soon.Token);
        Assert.Same(first.Output[0], await Store.FindItemAsync(TenantId.Local, id, Soon.Token));
        await Store.DeleteAsync(TenantId.Local, first.Id, Soon.Token);
        Assert.Null(await Store.FindItemAsync(TenantId.Local, id, Soon.Token));
    }

    [Fact]
    public async Task ItemThatSeveralResponsesHold_IsTheNewest_WhicheverOfTheOthersGo()
    {
        var first = await AddAsync();
        var (id, later) = (first.Output[0].Id!, new List<ChainNode>());
        for (var i = 0; i < 3; i++) later.Add(await AddAsync(input: [first.Output[0] with { Id = id }]));
        await Store.DeleteAsync(TenantId.Local, later[1].Id, Soon.Token);
        await Store.DeleteAsync(TenantId.Local, first.Id, Soon.Token);
        Assert.Same(later[2].Input[0], await Store.FindItemAsync(TenantId.Local, id, Soon.Token));
        await Store.DeleteAsync(TenantId.Local, later[2].Id, Soon.Token);
        Assert.Same(later[0].Input[0], await Store.FindItemAsync(TenantId.Local, id, Soon.Token));
        await Store.DeleteAsync(TenantId.Local, later[0].Id, Soon.Token);
        Assert.Null(await Store.FindItemAsync(TenantId.Local, id, Soon.Token));
    }

    [Fact]
    public async Task Root_IsTheChainsStart()
    {
        var root = await AddAsync();
        var fork = await AddAsync(await AddAsync(root));
        Assert.All(new[] { root, fork.Parent!, fork }, node => Assert.Equal((root, root.Id), (node.Start, node.Root)));
    }

    [Fact]
    public async Task Count_IsBounded_LeastRecentlyUsedFirst()
    {
        var nodes = new List<ChainNode>();
        for (var i = 0; i < 4; i++) nodes.Add(await AddAsync());
        Assert.NotNull(await FindAsync(nodes[0]));
        nodes.Add(await AddAsync());
        Assert.Equal(4, Store.Count);
        Assert.Null(await FindAsync(nodes[1]));
        Assert.NotNull(await FindAsync(nodes[0]));
        Assert.Equal(1, State(nodes[1]).Releases);
        Assert.Equal(0, State(nodes[0]).Releases);
    }

    [Fact]
    public async Task Chain_IsEvicted_FromItsEnd_BecauseItsStartFreesNothing()
    {
        var root = await AddAsync(bytes: 300);
        var child = await AddAsync(root, bytes: 300);
        await AddAsync(bytes: 300);
        Assert.Equal(900, Store.Bytes);
        await AddAsync(bytes: 300);
        Assert.Null(await FindAsync(child));
        Assert.Equal((3, 900), (Store.Count, Store.Bytes)); // looking for the root would make it recently used
        await AddAsync(bytes: 300);
        Assert.Null(await FindAsync(root));
        Assert.Equal(900, Store.Bytes);
    }

    [Fact]
    public async Task AncestorsThatAreNotStored_CountWithTheirChild()
    {
        var hidden = Node(null, 400);
        var child = await AddAsync(hidden, bytes: 100);
        Assert.Equal(500, Store.Bytes);
        var second = await AddAsync(hidden, bytes: 100);
        Assert.Equal(600, Store.Bytes);
        await Store.DeleteAsync(TenantId.Local, child.Id, Soon.Token);
        Assert.Equal(500, Store.Bytes);
        await Store.DeleteAsync(TenantId.Local, second.Id, Soon.Token);
        Assert.Equal(0, Store.Bytes);
    }

    [Fact]
    public async Task Newest_IsKept_EvenIfItAloneIsTooLarge()
    {
        var small = await AddAsync();
        var large = await AddAsync(bytes: 5000);
        Assert.NotNull(await FindAsync(large));
        Assert.Null(await FindAsync(small));
    }

    [Fact]
    public async Task OldResponse_IsGone_ItsChildrenStay()
    {
        var old = await AddAsync();
        _house.Time.Advance(TimeSpan.FromMinutes(40));
        var child = await AddAsync(old);
        _house.Time.Advance(TimeSpan.FromMinutes(20));
        Assert.Null(await FindAsync(old));
        Assert.Equal(1, State(old).Releases);
        Assert.Same(old, (await FindAsync(child))!.Parent);
        Assert.Equal(200, Store.Bytes);
        _house.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.Null(await FindAsync(child));
        Assert.Equal(0, Store.Bytes);
    }

    [Fact]
    public async Task OldItem_IsGone_EvenIfNobodyAsksForItsResponse()
    {
        var old = await AddAsync();
        _house.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Store.FindItemAsync(TenantId.Local, old.Output[0].Id!, Soon.Token));
        Assert.Equal(0, Store.Count);
    }

    [Fact]
    public async Task EvictedResponse_LeavesMemory_EvenBehindAnOlderOneThatStays()
    {
        var used = await AddAsync();
        var evicted = await AddUnseenAsync();
        for (var i = 0; i < 4; i++)
        {
            Assert.NotNull(await FindAsync(used));
            await AddAsync();
        }
        Assert.NotNull(await FindAsync(used));
        GC.Collect();
        Assert.False(evicted.TryGetTarget(out _));
    }

    [Fact]
    public async Task DeletedResponse_IsGone_ItsChildrenGoOn()
    {
        var root = await AddAsync();
        var child = await AddAsync(root);
        Assert.True(await Store.DeleteAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.False(await Store.DeleteAsync(TenantId.Local, root.Id, Soon.Token));
        Assert.Null(await FindAsync(root));
        Assert.Same(root, (await FindAsync(child))!.Parent);
    }

    [Fact]
    public async Task WarmState_IsReleasedOnce_WhenTheLastHolderLetsGo()
    {
        var node = await AddAsync();
        node.Hold();
        await Store.DeleteAsync(TenantId.Local, node.Id, Soon.Token);
        Assert.Equal(0, State(node).Releases);
        node.LetGo();
        Assert.Equal(1, State(node).Releases);
        node.Hold(); // a turn that found it just before
        node.LetGo();
        Assert.Equal(1, State(node).Releases);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task RandomUse_NeverBreaksTheBounds_OrTheBooks(int seed)
    {
        var random = new Random(seed);
        var all = new List<ChainNode>();
        for (var i = 0; i < 2000; i++)
        {
            var known = all.Count > 0 ? all[random.Next(all.Count)] : null;
            switch (random.Next(10))
            {
                case < 6: all.Add(await AddAsync(random.Next(3) == 0 ? null : known, random.Next(10, 200))); break;
                case < 8 when known is not null: await FindAsync(known); break;
                case 8 when known is not null: await Store.DeleteAsync(TenantId.Local, known.Id, Soon.Token); break;
                default: _house.Time.Advance(TimeSpan.FromMinutes(random.Next(10))); break;
            }
            var findable = new List<ChainNode>();
            foreach (var node in all.TakeLast(50)) if (State(node).Releases == 0) findable.Add(node);
            Assert.InRange(Store.Count, 0, 4);
            Assert.InRange(findable.Count, 0, 4);
            var kept = findable.SelectMany(Ancestry).Distinct().Sum(node => node.Bytes);
            Assert.Equal(kept, Store.Bytes);
        }
    }

    public void Dispose() => _house.Dispose();

    private static IEnumerable<ChainNode> Ancestry(ChainNode node)
    {
        for (ChainNode? at = node; at is not null; at = at.Parent) yield return at;
    }

    private static ScriptedState State(ChainNode node) => (ScriptedState)node.State!;

    private ValueTask<ChainNode?> FindAsync(ChainNode node) => Store.FindAsync(node.Tenant, node.Id, Soon.Token);

    private async Task<WeakReference<ChainNode>> AddUnseenAsync() => new(await AddAsync());

    private async Task<ChainNode> AddAsync(ChainNode? parent = null, long bytes = 100, IReadOnlyList<Item>? input = null)
    {
        var node = Node(parent, bytes, input);
        await Store.AddAsync(node, ChainClaim.New, Soon.Token);
        return node;
    }

    private ChainNode Node(ChainNode? parent, long bytes, IReadOnlyList<Item>? input = null)
    {
        var id = new ResponseId($"resp_{++_count}");
        var item = new UnknownItem("odd") { Id = $"odd_{_count}", Json = RawJson.Of("{}") };
        return new ChainNode
        {
            Tenant = TenantId.Local,
            Id = id,
            Parent = parent,
            Input = input ?? [],
            Response = new Response
            {
                Id = id, CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new CreateRequest(),
                    Output = [item],
            },
            State = new ScriptedState(1),
            Bytes = bytes,
        };
    }
}
