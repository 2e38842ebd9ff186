using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>A turn that streams from its conversation's home, whose client's node or whose home ends.</summary>
public sealed class HomeCutTests : IAsyncLifetime
{
    private const int Sessions = 100; // of which one is at home at the other node, all but certainly
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private readonly TaskCompletionSource _dies = new();
    private OddPeer _home = null!;
    private RunningServer _edge = null!;

    public async ValueTask InitializeAsync()
    {
        _home = await OddPeer.StartAsync(async http =>
        {
            await OddPeer.Streams(OddPeer.Created)(http);
            await http.Response.Body.FlushAsync();
            await Task.WhenAny(_dies.Task, OddPeer.GoneAsync(http));
            http.Abort();
        });
        _rows.Add(_home.Node);
        _edge = await ClusterHouse.StartAsync(_backend, _rows);
        var cluster = _edge.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task TurnAtItsHome_IsCut_WhenTheTimeToDrainIsOver_AndTheHomeIsNotBlamed()
    {
        using var reply = await BeginAsync();
        var stopping = _edge.StopAsync();
        var text = await Soon.In(reply.Content.ReadAsStringAsync());
        Assert.Contains("server_is_stopping", text, StringComparison.Ordinal);
        Assert.DoesNotContain("node_lost", text, StringComparison.Ordinal);
        await Soon.In(stopping);
    }

    [Fact]
    public async Task TurnWhoseHomeIsLost_SaysSo()
    {
        using var reply = await BeginAsync();
        _dies.SetResult();
        Assert.Contains("node_lost", await Soon.In(reply.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    /// <summary>The answer to a turn that is at home there.</summary>
    private async Task<HttpResponseMessage> BeginAsync()
    {
        for (var session = 0; session < Sessions; session++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
            {
                Content = new StringContent(
                    """{"model":"m","input":"[[final=here]]","stream":true,"store":false}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("session-id", $"session-{session}");
            var turns = _backend.Turns;
            var reply = await _edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (_backend.Turns == turns) return reply;
            reply.Dispose();
        }
        throw new InvalidOperationException("No session is at home at the other node.");
    }
}
