using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Tests.Cluster;

/// <summary>Where conversations begin whose clients have come to a node that is full.</summary>
public sealed class NewChainsTests
{
    private static readonly NodeLoad Full = new() { Streams = 2, StreamsBusy = 2, TurnsRunning = 2 };

    [Theory]
    [InlineData(0, 0)] // it does not say how many it has
    [InlineData(2, 1)]
    public void NodeThatHasAStream_OrDoesNotSay_KeepsThem(int streams, int busy) =>
        Assert.Null(Place(new NodeLoad { Streams = streams, StreamsBusy = busy, TurnsWaiting = 9 }, Node("a", Idle(8))));

    [Fact]
    public void FullNode_SendsThemToTheLeastLoaded()
    {
        Assert.Equal("b", Place(Full, Node("a", Idle(8) with { TurnsRunning = 3 }), Node("b", Idle(8) with { TurnsRunning = 2 })));
        Assert.Equal("a", Place(Full, Node("a", Idle(8) with { StreamsBusy = 2 }), Node("b", Idle(4) with { StreamsBusy = 2 })));
        Assert.Equal("b", Place(Full, Node("a", Idle(2) with { ParkedBytes = 7 }), Node("b", Idle(8) with { ParkedBytes = 6 })));
        Assert.Equal("a", Place(Full, Node("b", Idle(2)), Node("a", Idle(2)))); // all nodes see it alike
    }

    [Theory]
    [InlineData(1, 0, 0, true)]
    [InlineData(1, 1, 0, false)]
    [InlineData(2, 1, 0, true)]
    [InlineData(4, 2, 0, true)]
    [InlineData(4, 3, 0, false)] // one is left, and no room to spare
    [InlineData(8, 5, 0, true)]
    [InlineData(8, 6, 0, false)]
    [InlineData(8, 0, 1, false)]
    [InlineData(0, 0, 0, false)]
    public void OtherNode_GetsOne_WhereItHasRoomToSpare(int streams, int running, int waiting, bool gets) =>
        Assert.Equal(gets ? "a" : null, Place(Full, Node("a", Idle(streams) with { TurnsRunning = running, TurnsWaiting = waiting })));

    [Fact]
    public void NodesThatEndOrAreDead_AndTheFullOneItself_GetNone()
    {
        Assert.Null(Place(Full, Node("a", Idle(8), NodeState.Draining), Node("b", Idle(8), NodeState.Dead), Node("self", Idle(8))));
        Assert.Null(Place(Full));
    }

    /// <summary>Two that are nearly full send each other nothing.</summary>
    [Fact]
    public void NodesThatAreFull_KeepTheirs() => Assert.Null(Place(Full, Node("a", Full), Node("b", Full with { StreamsBusy = 1 })));

    [Fact]
    public void NodeThatIsSentOne_TakesItIntoItsLastStream()
    {
        Assert.True(NewChains.HasStream(Idle(4) with { TurnsRunning = 3 }));
        Assert.False(NewChains.HasStream(Idle(4) with { TurnsRunning = 4 }));
        Assert.False(NewChains.HasStream(Idle(4) with { TurnsWaiting = 1 }));
        Assert.False(NewChains.HasStream(NodeLoad.None));
    }

    private static NodeLoad Idle(int streams) => new() { Streams = streams };

    private static ClusterNode Node(string name, NodeLoad load, NodeState state = NodeState.Active) =>
        new(new NodeName(name), new Incarnation(name), new Uri($"http://{name}:1"), state) { Load = load };

    private static string? Place(NodeLoad own, params ClusterNode[] nodes) =>
        NewChains.Elsewhere(new Incarnation("self"), own, nodes)?.Name.Value;
}
