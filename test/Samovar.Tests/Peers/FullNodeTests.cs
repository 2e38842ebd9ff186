using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>A node that has no place left for what would go to other nodes: that says nothing of those.</summary>
public sealed class FullNodeTests : IAsyncLifetime
{
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private int _asked;
    private OddPeer _owner = null!;
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _owner = await OddPeer.StartAsync(http =>
        {
            Interlocked.Increment(ref _asked);
            return OddPeer.Begins(OddPeer.Created)(http);
        });
        _rows.Owner = _owner.Node;
        _rows.Add(_owner.Node);
        _server = await ClusterHouse.StartAsync(_backend, _rows, ("Cluster:RelaysMax", "1"));
        var cluster = _server.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _owner.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Turn_IsAskedForAgain_AndItsChainStaysWhereItIs(bool background)
    {
        using var first = await SendAsync(background: false);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using (var second = await Soon.In(SendAsync(background)))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.NotNull(second.Headers.RetryAfter);
            Assert.Contains("server_is_overloaded", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal((0, 1, 0), (_rows.Claims, _asked, _backend.Turns));
    }

    private Task<HttpResponseMessage> SendAsync(bool background)
    {
        var more = background ? "\"background\":true" : "\"stream\":true";
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
        {
            Content = new StringContent($$"""{"model":"m","input":"more","previous_response_id":"resp_0",{{more}}}""",
                Encoding.UTF8, "application/json"),
        };
        return _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
