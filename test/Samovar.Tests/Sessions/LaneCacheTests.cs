using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Fairness;
using Samovar.Sessions;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>The rules by which a connection remembers and forgets, one row each.</summary>
public sealed class LaneCacheTests : IDisposable
{
    private static readonly LaneId A = new("a");
    private static readonly LaneId B = new("b");
    private static readonly LaneId C = new("c");
    private readonly TestMeters _meters = new();
    private readonly LaneCache _cache;

    private readonly RetentionBudget _budget;

    public LaneCacheTests()
    {
        var options = new SessionOptions { RetainedBytesMax = 100, RetainedBytesTotalMax = 250 };
        _budget = new RetentionBudget(options, new SessionMetrics(_meters), NullLogger<RetentionBudget>.Instance);
        _cache = new LaneCache(_budget);
    }

    [Fact]
    public void EachLane_KeepsItsNewest_AndForgetsWhatWasBefore()
    {
        var (one, two, other) = (Keep(A, "1"), Keep(A, "2"), Keep(B, "3"));
        Assert.Null(_cache.Find(one.Id));
        Assert.Same(two, _cache.Find(two.Id));
        Assert.Same(other, _cache.Newest(B));
        Assert.Null(_cache.Newest(LaneId.Default));
        Assert.Equal((1, 0, 0), (Releases(one), Releases(two), Releases(other)));
    }

    [Theory]
    [InlineData("a", "1", false)] // the lane's own: gone
    [InlineData("b", "1", true)] // a fork that failed: the source keeps it
    [InlineData("a", "2", true)] // an id that is not this lane's newest
    [InlineData("a", null, true)] // a new conversation names nothing
    [InlineData("c", "1", true)] // a lane that never was
    public void FailedContinuation_ForgetsOnlyItsOwnLanesParent(string lane, string? previous, bool isKept)
    {
        var node = Keep(A, "1");
        Keep(B, "9");
        _cache.NoteFailure(new LaneId(lane), previous is null ? null : new ResponseId(previous));
        Assert.Equal(isKept, _cache.Find(node.Id) is not null);
        Assert.Equal(isKept ? 0 : 1, Releases(node));
        Assert.NotNull(_cache.Newest(B));
    }

    [Fact]
    public void ClosedConnection_KeepsNothing()
    {
        var (one, two) = (Keep(A, "1"), Keep(B, "2"));
        _cache.Clear();
        var late = Keep(A, "3");
        Assert.Equal((1, 1), (Releases(one), Releases(two)));
        Assert.Null(_cache.Find(late.Id));
    }

    [Fact]
    public void Item_IsFound_AnywhereInTheChains()
    {
        var root = Node("1", null, Ask.User("x") with { Id = "item_1" });
        _cache.Keep(A, Node("2", root));
        _cache.Keep(B, Node("3", root));
        var items = new ChainItems(["item_1", "item_2"]);
        foreach (var newest in _cache.Newest()) items.Walk(newest);
        Assert.Same(root.Input[0], Assert.Single(items.Found).Value);
    }

    [Fact]
    public void ConnectionThatKeepsTooMuch_LetsTheLeastRecentlyUsedLaneGo_SharedStructureCountedOnce()
    {
        var root = Node("0", null, bytes: 40);
        var (one, two) = (Node("1", root, bytes: 20), Node("2", root, bytes: 20));
        _cache.Keep(A, one);
        _cache.Keep(B, two);
        Assert.Equal(80, _cache.Bytes); // the root counts once
        Assert.NotNull(_cache.Find(one.Id)); // and is used last
        var three = Node("3", null, bytes: 30);
        _cache.Keep(C, three);
        Assert.Equal((0, 1, 0), (Releases(one), Releases(two), Releases(three)));
        Assert.Equal((90, 90), (_cache.Bytes, _budget.Bytes));
        Assert.Null(_cache.Find(two.Id));
        Assert.Equal((two.Id, two.Id), (_cache.Lost(B), _cache.Lost(B))); // as long as nobody was told that it is not found
        _cache.Keep(B, Node("4", null, bytes: 80)); // and the two others go
        _cache.NoteFailure(A, one.Id); // somebody named it and heard
        Assert.Equal((null, null, three.Id), (_cache.Lost(A), _cache.Lost(B), _cache.Lost(C)));
        _cache.Clear();
        Assert.Equal((0, 0), (_cache.Bytes, _budget.Bytes));
    }

    [Fact]
    public void ResponseThatJustEnded_Stays_UnlessAloneItIsTooLarge()
    {
        var (small, large) = (Node("1", null, bytes: 30), Node("2", null, bytes: 90));
        _cache.Keep(A, small);
        _cache.Keep(B, large);
        Assert.Equal((1, 0, 90), (Releases(small), Releases(large), _cache.Bytes));
        var tooLarge = Node("3", large, bytes: 20);
        _cache.Keep(B, tooLarge);
        Assert.Equal((1, 0), (Releases(tooLarge), _cache.Bytes));
        Assert.Equal(tooLarge.Id, _cache.Lost(B));
    }

    [Fact]
    public void NodeThatKeepsTooMuch_LetsTheLeastRecentlyUsedConnectionGive()
    {
        var caches = Enumerable.Range(0, 3).Select(_ => new LaneCache(_budget)).ToList();
        var nodes = new List<ChainNode>();
        foreach (var cache in caches)
        {
            nodes.Add(Node($"a{nodes.Count}", null, bytes: 40));
            cache.Keep(A, nodes[^1]);
            nodes.Add(Node($"b{nodes.Count}", null, bytes: 40));
            cache.Keep(B, nodes[^1]);
        }
        Assert.Equal(240, _budget.Bytes);
        Assert.NotNull(caches[0].Find(nodes[0].Id)); // now the second connection was used longest ago
        caches[2].Keep(C, Node("c", null, bytes: 20));
        Assert.Equal(220, _budget.Bytes);
        Assert.Equal([0, 0, 1, 0, 0, 0], nodes.Select(Releases));
        caches[0].Clear();
        caches[1].Clear();
        Assert.Equal(100, _budget.Bytes);
    }

    [Fact]
    public void NodeBound_TakesFromTheFlowThatKeepsMost_HoweverLongOthersWereSilent()
    {
        var quiet = new LaneCache(_budget, new FlowId("quiet"));
        var kept = Node("quiet", null, bytes: 60);
        quiet.Keep(A, kept);
        var flood = Enumerable.Range(0, 10).Select(_ => new LaneCache(_budget, new FlowId("flood"))).ToList();
        foreach (var cache in flood) cache.Keep(A, Node("f", null, bytes: 60));
        Assert.Equal(0, Releases(kept));
        Assert.Equal(240, _budget.Bytes);
        Assert.Equal([null, null, null, null, null, null, null], flood.Take(7).Select(cache => cache.Newest(A)));
        Assert.NotNull(quiet.Find(kept.Id));
    }

    public void Dispose() => _meters.Dispose();

    private static int Releases(ChainNode node) => ((ScriptedState)node.State!).Releases;

    private ChainNode Keep(LaneId lane, string id)
    {
        var node = Node(id, null);
        _cache.Keep(lane, node);
        return node;
    }

    private static ChainNode Node(string id, ChainNode? parent, params Item[] input) => Node(id, parent, bytes: 1, input);

    private static ChainNode Node(string id, ChainNode? parent, long bytes, params Item[] input) => new()
    {
        Tenant = TenantId.Local,
        Id = new ResponseId(id),
        Parent = parent,
        Input = input,
        Bytes = bytes,
        State = new ScriptedState(1),
        Response = new Response
        {
            Id = new ResponseId(id), CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new CreateRequest(),
        },
    };
}
