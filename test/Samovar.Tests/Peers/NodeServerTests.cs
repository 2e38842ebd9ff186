using System.Net;
using System.Text.Json;
using Samovar.Cli.Cluster;
using Samovar.Cli.Top;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>The life of a server among its peers: how it joins, what it shows of them, how it leaves.</summary>
public sealed class NodeServerTests : IAsyncDisposable
{
    private static readonly ClusterNode Two = new(
        new NodeName("two"), new Incarnation("node_two"), new Uri("http://192.0.2.2:8787"), NodeState.Draining);
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ClusterRows _rows = new();

    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    [Fact]
    public async Task Server_DrainsFirst_AndIsGoneLast()
    {
        await using (var server = await ClusterHouse.StartAsync(_backend, _rows)) Assert.Empty(_rows.Moves);
        Assert.Equal(NodeState.Dead, _rows.Moves[^1]);
        Assert.True(_rows.IsDisposed);
    }

    [Fact]
    public async Task NameThatIsTaken_EndsTheStart() =>
        await Assert.ThrowsAsync<NodeNameTakenException>(() => ClusterHouse.StartAsync(_backend, new ClusterRows { IsNameTaken = true }));

    [Fact]
    public async Task Status_ShowsTheNodes_ToPeopleAndPrograms()
    {
        _rows.Add(Two);
        await using var server = await ClusterHouse.StartAsync(_backend, _rows);
        using var client = new StatusClient(server.Address, key: null);
        await Soon.UntilAsync(() => client.AskAsync(Soon.Token).GetAwaiter().GetResult().Report?.Cluster?.Nodes.Count == 2);
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(0, await ClusterCommand.PrintAsync(client, isJson: false, output, error, Soon.Token));
        Assert.Matches(@"(?m)^ +two +draining +- +http://192\.0\.2\.2:8787/ ", output.ToString());
        Assert.Matches(@"(?m)^\* +one +active +- +http://127\.0\.0\.1:1/ ", output.ToString());
        Assert.Contains("turns relayed: 0 out, 0 in; no chain taken over", output.ToString(), StringComparison.Ordinal);

        output.GetStringBuilder().Clear();
        Assert.Equal(0, await ClusterCommand.PrintAsync(client, isJson: true, output, error, Soon.Token));
        Assert.Equal("one", JsonDocument.Parse(output.ToString()).RootElement.GetProperty("node").GetString());

        Assert.Equal(0, await TopCommand.PrintAsync(client, output, error, Soon.Token));
        Assert.Contains("node one active  of 1 active, 1 draining  relayed 0 out, 0 in", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(error.ToString());
    }

    [Fact]
    public async Task Status_OfAServerThatStandsAlone_SaysSo()
    {
        await using var server = await RunningServer.StartAsync(_backend);
        using var client = new StatusClient(server.Address, key: null);
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, await ClusterCommand.PrintAsync(client, isJson: false, output, error, Soon.Token));
        Assert.Contains("stands alone", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatWasDeclaredDead_EndsWhatItWouldStore_AndGoesOnWithTheRest()
    {
        var reached = new CountdownEvent(2);
        var go = new TaskCompletionSource();
        _backend.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            reached.Signal();
            await go.Task.WaitAsync(cancelled);
        };
        await using var server = await ClusterHouse.StartAsync(_backend, _rows);
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"[[final=hi]]","stream_id":"kept"}""");
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"[[final=hi]]","stream_id":"free","store":false}""");
        await Soon.UntilAsync(() => reached.IsSet);
        _rows.Declare(NodeState.Dead);
        var ended = await socket.ReceiveTurnAsync();
        Assert.Equal(("response.failed", "kept"), (Text(ended[^1], "type"), Text(ended[^1], "stream_id")));
        Assert.Equal("server_is_stopping", Text(ended[^1].GetProperty("response").GetProperty("error"), "code"));
        go.SetResult();
        Assert.Equal("response.completed", Text((await socket.ReceiveTurnAsync())[^1], "type"));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/health")).StatusCode);
        reached.Dispose();
    }

    [Fact]
    public async Task NodeThatIsDeclaredDeadWhileItDrains_DrainsInItsNextLife()
    {
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _backend.OnPhase = async (_, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Speaking) return;
            reached.TrySetResult();
            await go.Task.WaitAsync(cancelled);
        };
        await using var server = await ClusterHouse.StartAsync(_backend, _rows, ("Server:DrainTimeMax", "00:10:00"));
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"[[final=hi]]","store":false}""");
        await Soon.In(reached.Task);
        var stopping = server.StopAsync();
        await Soon.UntilAsync(() => _rows.Moves.Contains(NodeState.Draining));
        _rows.Declare(NodeState.Dead);
        await Soon.UntilAsync(() => _rows.Nodes is [{ State: NodeState.Dead }, { State: NodeState.Draining }]);
        go.SetResult();
        Assert.Equal("response.completed", Text((await socket.ReceiveTurnAsync())[^1], "type"));
        Assert.Null(await socket.ReceiveTextAsync());
        await Soon.In(stopping);
    }

    /// <summary>A node whose loop has ended would say nothing more, and be dead to all without knowing it.</summary>
    [Fact]
    public async Task FaultThatNobodyExpects_EndsNoLife()
    {
        await using var server = await ClusterHouse.StartAsync(_backend, _rows);
        _rows.Fault = new InvalidOperationException("of the driver's");
        var before = _rows.Beats;
        await Soon.UntilAsync(() => _rows.Beats > before + 2);
        _rows.Fault = null;
        _rows.Declare(NodeState.Dead);
        await Soon.UntilAsync(() => _rows.Nodes is [{ State: NodeState.Dead }, { State: NodeState.Active }]);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
