using Npgsql;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Storage.Nodes;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Sql;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>Nodes that watch each other through a PostgreSQL that the test breaks.</summary>
public sealed class NodeLifeTests : OwnPostgres
{
    private readonly ClusterOptions _cluster = new()
    {
        BeatInterval = TimeSpan.FromMilliseconds(50), LockGrace = TimeSpan.FromMilliseconds(200), SettleTime = TimeSpan.FromSeconds(1),
        SilenceMax = TimeSpan.FromMinutes(1), // a busy machine's tests are silent for long
    };
    private readonly LineLogger<NodeLife> _lines = new();
    private NodeLoad _load = NodeLoad.None;
    private int _deaths;

    [Fact]
    public async Task Nodes_SeeEachOther()
    {
        await using var house = await OpenAsync();
        await using var one = await BeginAsync("one");
        await using var other = await BeginAsync("other");
        await Soon.UntilAsync(() => one.Nodes.Count == 2 && other.Nodes.Count == 2);
        Assert.All(one.Nodes, node => Assert.Equal(NodeState.Active, node.State));
        Assert.Equal([one.Standing.Incarnation, other.Standing.Incarnation], one.Nodes.Select(node => node.Incarnation));
    }

    [Fact]
    public async Task Load_IsTold_WithEachBeat()
    {
        await using var house = await OpenAsync();
        await using var one = await BeginAsync("one");
        await using var other = await BeginAsync("other");
        await Soon.UntilAsync(() => one.Nodes.Count == 2);
        Assert.All(one.Nodes, node => Assert.Equal(("1.2.3", NodeLoad.None), (node.Version, node.Load)));
        _load = new NodeLoad
        {
            TurnsRunning = 3, TurnsWaiting = 4, Places = 5, ParkedBytes = 6L << 32, Connections = 7, TurnsRelayed = 8,
            Streams = 9, StreamsBusy = 2,
        };
        await Soon.UntilAsync(() => one.Nodes.All(node => node.Load == _load));
    }

    /// <summary>As the end of its process does it.</summary>
    [Fact]
    public async Task NodeWhoseLockFell_IsDeclaredDead()
    {
        await using var house = await OpenAsync();
        await SettledAsync();
        await using var one = await BeginAsync("one");
        var gone = new ClusterNode(new NodeName("other"), new Incarnation("node_other"), new Uri("http://other:1"), NodeState.Active);
        await using (var rows = NodeRows()) await rows.BeginAsync(gone, Soon.Token);
        await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", State: NodeState.Dead }));
        Assert.Contains(_lines.Lines, line => line.Contains("its lock fell", StringComparison.Ordinal));
        await Soon.UntilAsync(() => Volatile.Read(ref _deaths) == 1);
        Assert.Equal(NodeState.Active, one.Standing.State);
    }

    [Fact]
    public async Task NodeThatSaysNothing_IsDeclaredDead_ThoughItHasItsLock()
    {
        _cluster.SilenceMax = TimeSpan.FromSeconds(1);
        await using var house = await OpenAsync();
        await SettledAsync();
        await using var rows = NodeRows();
        var hung = new ClusterNode(new NodeName("other"), new Incarnation("node_other"), new Uri("http://other:1"), NodeState.Active);
        await rows.BeginAsync(hung, Soon.Token);
        await using var one = await BeginAsync("one");
        await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", State: NodeState.Dead }));
        Assert.Contains(_lines.Lines, line => line.Contains("it says nothing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NodeThatWasDeclaredDead_LearnsIt_AndBeginsAnotherLife()
    {
        await using var house = await OpenAsync();
        await using var one = await BeginAsync("one");
        var life = one.Standing;
        await using (var rows = NodeRows()) Assert.True(await rows.MoveAsync(life.Incarnation, NodeState.Dead, "a mistake", Soon.Token));
        await Soon.UntilAsync(() => one.Standing.Incarnation != life.Incarnation && one.Nodes.Any(node => IsAlive(node, one)));
        Assert.True(life.Gone.IsCancellationRequested);
        Assert.Equal((NodeState.Dead, "a mistake"), (life.State, life.Reason));
        Assert.True(one.Standing.MayBegin);
    }

    [Fact]
    public async Task DrainAndStop_AreTold()
    {
        await using var house = await OpenAsync();
        await using var one = await BeginAsync("one");
        await using (var other = await BeginAsync("other"))
        {
            await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", InStateFor.TotalSeconds: >= 0.3 }));
            other.Drain();
            await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", State: NodeState.Draining }));
            Assert.InRange(one.Nodes.Single(node => node.Name.Value == "other").InStateFor!.Value, TimeSpan.Zero, Soon.Patience);
        }
        await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", State: NodeState.Dead }));
        await Soon.UntilAsync(() => one.Nodes.Any(node => node is { Name.Value: "other", InStateFor.TotalSeconds: >= 0.3 }));
    }

    [Fact]
    public async Task NameThatRuns_IsRefused_AndOneThatEndedIsFree()
    {
        await using var house = await OpenAsync();
        await using (var rows = NodeRows())
        {
            var first = new ClusterNode(new NodeName("one"), new Incarnation("node_1"), new Uri("http://one:1"), NodeState.Active);
            await rows.BeginAsync(first, Soon.Token);
            var refusal = await Assert.ThrowsAsync<NodeNameTakenException>(() => BeginAsync("one"));
            Assert.Contains("'one' is running", refusal.Message, StringComparison.Ordinal);
        }
        await LocksAsync(0);
        await using var one = await BeginAsync("one");
        await Soon.UntilAsync(() => one.Nodes.Any(node => IsAlive(node, one)));
        Assert.Equal(NodeState.Dead, one.Nodes.Single(node => node.Incarnation.Value == "node_1").State);
    }

    /// <summary>All locks fall, and everybody is back at another moment.</summary>
    [Fact]
    public async Task DatabaseThatIsStartedAgain_KillsNobody()
    {
        await using var house = await OpenAsync();
        await SettledAsync();
        await using var one = await BeginAsync("one");
        await using var other = await BeginAsync("other");
        await Soon.UntilAsync(() => one.Nodes.Count == 2 && other.Nodes.Count == 2);
        var (life, peer) = (one.Standing, other.Standing);
        await Server.StopAsync();
        await Soon.UntilAsync(() => _lines.Lines.Any(line => line.Contains("cannot be reached", StringComparison.Ordinal)));
        await Server.StartAsync();
        await LocksAsync(2);
        await BeatenAsync((int)(2 * (_cluster.SettleTime + _cluster.LockGrace) / _cluster.BeatInterval));
        Assert.Same(life, one.Standing);
        Assert.Same(peer, other.Standing);
        Assert.DoesNotContain(_lines.Lines, line => line.Contains("dead:", StringComparison.Ordinal));
    }

    private static bool IsAlive(ClusterNode node, NodeLife life) =>
        node.Incarnation == life.Standing.Incarnation && node.State == NodeState.Active;

    private async Task<NodeLife> BeginAsync(string name)
    {
        var life = new NodeLife(
            new NodeSelf(new NodeName(name), new Uri($"http://{name}:1"), "1.2.3", "proc_" + name), NodeRows(), () => _load, _cluster,
            new IdSource(), TimeProvider.System, _lines)
        {
            PeersDied = () => Interlocked.Increment(ref _deaths),
        };
        try
        {
            await life.StartAsync(Soon.Token);
            return life;
        }
        catch
        {
            await life.DisposeAsync();
            throw;
        }
    }

    private PostgresNodeRows NodeRows()
    {
        Options.ConnectionString = Server.ConnectionString("samovar");
        return new PostgresNodeRows(PostgresAddress.Of(Options), TimeSpan.FromSeconds(10));
    }

    /// <summary>Until the database has run for so long that locks count.</summary>
    private async Task SettledAsync()
    {
        await using var rows = NodeRows();
        var soon = Soon.Token;
        while ((await rows.BeatAsync(new Incarnation("nobody"), NodeLoad.None, soon)).DatabaseUp < _cluster.SettleTime)
            await Task.Delay(20, soon);
    }

    /// <summary>Until all nodes have beaten so often: what they would judge they have judged.</summary>
    private async Task BeatenAsync(int times)
    {
        await using var rows = NodeRows();
        var soon = Soon.Token;
        var before = (await rows.BeatAsync(new Incarnation("nobody"), NodeLoad.None, soon)).Nodes.Min(node => node.Beats);
        while ((await rows.BeatAsync(new Incarnation("nobody"), NodeLoad.None, soon)).Nodes.Min(node => node.Beats) < before + times)
            await Task.Delay(20, soon);
    }

    /// <summary>Until so many nodes hold their locks.</summary>
    private async Task LocksAsync(long count)
    {
        await using var connection = new NpgsqlConnection(Server.ConnectionString("samovar") + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", connection);
        var soon = Soon.Token;
        while ((long)(await command.ExecuteScalarAsync(soon))! != count) await Task.Delay(20, soon);
    }
}
