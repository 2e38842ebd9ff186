using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Peers;

/// <summary>When a node looks for what dead peers have left.</summary>
public sealed class LeftTurnsTests
{
    [Fact]
    public async Task DeathOfAPeer_IsALook_LongBeforeTheNextOneIsDue()
    {
        var (rows, running) = (new ClusterRows(), new MemoryRunningRows(TimeProvider.System) { IsOfOneProcess = false });
        var peer = new ClusterNode(new NodeName("two"), new Incarnation("node_two"), new Uri("http://127.0.0.1:1"), NodeState.Active);
        rows.Add(peer);
        await using var server = await ClusterHouse.StartAsync(
            new ScriptedBackend(new IdSource()), rows, running,
            ("Background:LeaseInterval", "00:10:00"), ("Background:LeaseMax", "01:00:00"));
        await Soon.UntilAsync(() => rows.Beats > 1);
        Assert.Equal(1, running.Renewals); // at the start
        await rows.MoveAsync(peer.Incarnation, NodeState.Dead, "its lock fell", Soon.Token);
        await Soon.UntilAsync(() => running.Renewals == 2);
    }
}
