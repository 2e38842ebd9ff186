using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>How turns end whose clients are at one node and whose chains are another's.</summary>
public sealed class RelayedEndTests : IAsyncLifetime
{
    private readonly ScriptedBackend _owners = new(new IdSource()), _edges = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private readonly TaskCompletionSource _reached = new();
    private RunningServer _owner = null!, _edge = null!;
    private string _first = "";

    public async ValueTask InitializeAsync()
    {
        _owner = await ClusterHouse.StartAsync(
            _owners, new ClusterRows(), ("Cluster:Name", "two"), ("Replay:OrphanGrace", "00:30:00")); // nothing ends by itself
        _rows.Owner = new ClusterNode(new NodeName("two"), new Incarnation("node_two"), _owner.Address, NodeState.Active);
        _rows.Add(_rows.Owner);
        _edge = await ClusterHouse.StartAsync(_edges, _rows);
        var cluster = _edge.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
        using var reply = await _owner.Http.PostAsync("/v1/responses", Json("""{"model":"m","input":"[[final=one]]"}"""));
        _first = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _owner.DisposeAsync();
    }

    [Fact]
    public async Task TurnThatIsCancelledBeforeItsFirstEvent_EndsAtItsOwner()
    {
        HoldAt(ScriptPhase.Begun);
        await using var socket = await _edge.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.create","model":"m","input":"more","previous_response_id":"{{_first}}"}""");
        await Soon.In(_reached.Task);
        await socket.SendAsync("""{"type":"response.cancel"}""");
        await socket.ReceiveTurnAsync();
        await Soon.UntilAsync(() => _owners.Stopped == 1);
        Assert.Equal((0, 1), (_edges.Turns, _owners.States.Count)); // nothing more was made
    }

    [Fact]
    public async Task ClientThatLeavesBeforeTheFirstEvent_EndsItsTurnAtItsOwner()
    {
        HoldAt(ScriptPhase.Begun);
        using var leaves = new CancellationTokenSource();
        var asking = _edge.Http.SendAsync(Request(), HttpCompletionOption.ResponseHeadersRead, leaves.Token);
        await Soon.In(_reached.Task);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Soon.UntilAsync(() => _owners.Stopped == 1);
    }

    /// <summary>A turn that is elsewhere holds no place here: at the deadline its client hears of it all the same, and its owner.</summary>
    [Fact]
    public async Task TurnElsewhere_IsCut_WhenTheTimeToDrainIsOver()
    {
        HoldAt(ScriptPhase.Speaking);
        using var reply = await _edge.Http.SendAsync(Request(), HttpCompletionOption.ResponseHeadersRead);
        await Soon.In(_reached.Task);
        var stopping = _edge.StopAsync();
        var text = await Soon.In(reply.Content.ReadAsStringAsync());
        Assert.Contains("event: response.created\n", text, StringComparison.Ordinal);
        var end = text[text.LastIndexOf("event: response.", StringComparison.Ordinal)..];
        Assert.StartsWith("event: response.failed\n", end, StringComparison.Ordinal);
        Assert.Contains("server_is_stopping", end, StringComparison.Ordinal);
        await Soon.In(stopping);
        await Soon.UntilAsync(() => _owners.Stopped == 1);
    }

    private HttpRequestMessage Request() => new(HttpMethod.Post, "/v1/responses")
    {
        Content = Json($$"""{"model":"m","input":"more","stream":true,"previous_response_id":"{{_first}}"}"""),
    };

    private void HoldAt(ScriptPhase at) => _owners.OnPhase = async (_, phase, cancelled) =>
    {
        if (phase != at) return;
        _reached.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancelled);
    };

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
