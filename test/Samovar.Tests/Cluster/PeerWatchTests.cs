using Samovar.Cluster;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Tests.Cluster;

/// <summary>Who is dead, by what one node has seen of the others.</summary>
public sealed class PeerWatchTests
{
    private static readonly TimeSpan LongUp = TimeSpan.FromDays(1);
    private readonly ManualTime _time = new();
    private readonly ClusterOptions _options = new();
    private readonly PeerWatch _watch;
    private long _beats;

    public PeerWatchTests() => _watch = new PeerWatch(_options, _time);

    [Fact]
    public void PeerThatBeats_Lives() => Assert.Empty(Look(200, isLocked: true));

    [Fact]
    public void PeerWithoutItsLock_DiesAfterTheGrace()
    {
        Look(4, isLocked: true);
        Assert.Empty(Look(2, isLocked: false));
        Assert.Equal(["its lock fell"], Look(1, isLocked: false));
    }

    [Fact]
    public void PeerThatConnectsAgain_Lives()
    {
        for (var times = 0; times < 10; times++) Assert.Empty(Look(2, isLocked: false).Concat(Look(1, isLocked: true)));
    }

    [Fact]
    public void PeerThatSaysNothing_Dies_ThoughItHasItsLock()
    {
        var looks = (int)(_options.SilenceMax / _options.BeatInterval);
        Assert.Empty(Look(looks, isLocked: true, isBeating: false));
        Assert.Equal(["it says nothing"], Look(1, isLocked: true, isBeating: false));
    }

    [Fact]
    public void TheDead_AndThisNodeItself_AreNotJudged()
    {
        for (var times = 0; times < 100; times++)
        {
            _time.Advance(_options.BeatInterval);
            Assert.Empty(_watch.Judge(new Incarnation("self"), new NodesSeen(
                [Seen("self", NodeState.Active, 0, isLocked: false), Seen("dead", NodeState.Dead, 0, isLocked: false)], LongUp)));
        }
    }

    /// <summary>All nodes have lost the database; it comes back to this one first.</summary>
    [Fact]
    public void DatabaseThatWasAway_KillsNobody()
    {
        Look(4, isLocked: true);
        _watch.Interrupt();
        var looks = (int)(_options.SettleTime / _options.BeatInterval);
        Assert.Empty(Look(looks - 1, isLocked: false, isBeating: false));
        Look(1, isLocked: false, isBeating: false);
        Assert.Equal(["its lock fell"], Look(2, isLocked: false, isBeating: false));
    }

    [Fact]
    public void DatabaseThatWasStartedAgain_KillsNobody() =>
        Assert.Empty(Look(100, isLocked: false, up: _options.SettleTime - TimeSpan.FromMilliseconds(1)));

    /// <summary>A node that stood still itself has seen nothing of the others.</summary>
    [Fact]
    public void NodeThatStoodStill_BeginsToCountAgain()
    {
        Look(4, isLocked: true);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(Look(2, isLocked: false, isBeating: false));
    }

    /// <returns>Why the peer is dead, from the last of the looks.</returns>
    private string[] Look(int times, bool isLocked, bool isBeating = true, TimeSpan? up = null)
    {
        string[] reasons = [];
        for (; times > 0; times--)
        {
            _time.Advance(_options.BeatInterval);
            if (isBeating) _beats++;
            var seen = new NodesSeen([Seen("peer", NodeState.Active, _beats, isLocked)], up ?? LongUp);
            reasons = [.. _watch.Judge(new Incarnation("self"), seen).Select(verdict => verdict.Reason)];
            if (times > 1) Assert.Empty(reasons);
        }
        return reasons;
    }

    private static NodeSeen Seen(string incarnation, NodeState state, long beats, bool isLocked) => new(
        new ClusterNode(new NodeName(incarnation), new Incarnation(incarnation), new Uri("http://127.0.0.1:1"), state),
        beats, isLocked, "");
}
