using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Sessions;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>The rules by which a connection remembers and forgets, one row each.</summary>
public sealed class LaneCacheTests : IDisposable
{
    private static readonly LaneId A = new("a");
    private static readonly LaneId B = new("b");
    private readonly TestMeters _meters = new();
    private readonly LaneCache _cache;

    public LaneCacheTests() => _cache = new LaneCache(new SessionMetrics(_meters));

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
        Assert.NotNull(_cache.FindItem("item_1"));
        Assert.Null(_cache.FindItem("item_2"));
    }

    public void Dispose() => _meters.Dispose();

    private static int Releases(ChainNode node) => ((ScriptedState)node.State!).Releases;

    private ChainNode Keep(LaneId lane, string id)
    {
        var node = Node(id, null);
        _cache.Keep(lane, node);
        return node;
    }

    private static ChainNode Node(string id, ChainNode? parent, params Samovar.Protocol.Items.Item[] input) => new()
    {
        Tenant = TenantId.Local,
        Id = new ResponseId(id),
        Parent = parent,
        Input = input,
        Bytes = 1,
        State = new ScriptedState(1),
        Response = new Response
        {
            Id = new ResponseId(id), CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new CreateRequest(),
        },
    };
}
