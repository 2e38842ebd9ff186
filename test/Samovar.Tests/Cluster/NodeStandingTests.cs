using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Tests.Cluster;

public sealed class NodeStandingTests : IDisposable
{
    private readonly NodeStanding _standing = new(new Incarnation("node_1"));

    public void Dispose() => _standing.Dispose();

    [Fact]
    public void ActiveNode_MayDoAll() => Assert.True(_standing is { State: NodeState.Active, MayBegin: true, MayEnd: true, Reason: null });

    [Fact]
    public void DrainingNode_EndsWhatItHas()
    {
        _standing.Drain();
        Assert.True(_standing is { State: NodeState.Draining, MayBegin: false, MayEnd: true, Gone.IsCancellationRequested: false });
    }

    [Fact]
    public void DeadNode_DoesNothing_AndSaysWhyOnce()
    {
        _standing.Die("its row says so");
        _standing.Die("again");
        _standing.Drain();
        Assert.True(_standing is { State: NodeState.Dead, MayBegin: false, MayEnd: false, Gone.IsCancellationRequested: true });
        Assert.Equal("its row says so", _standing.Reason);
    }
}
