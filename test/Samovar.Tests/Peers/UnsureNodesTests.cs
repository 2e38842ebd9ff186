using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>What a client hears of a response that another node may have, and does not say so: never that there is none.</summary>
public sealed class UnsureNodesTests
{
    private const string Id = "resp_0123456789abcdef0123456789abcdef0123456789abcdef";
    private readonly ScriptedBackend _backend = new(new IdSource());

    [Fact]
    public async Task NodeThatDoesNotAnswerInTime_MayKnowIt()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.GoneAsync);
        await using var server = await StartAsync(peer, ("Cluster:AskTimeMax", "00:00:00.1"));
        await IsOverloadedAsync(server);
    }

    [Fact]
    public async Task NodeThatCannotSay_MayKnowIt()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Says(503, "application/json", ""));
        await using var server = await StartAsync(peer);
        await IsOverloadedAsync(server);
    }

    [Fact]
    public async Task NodeThatSaysNo_KnowsItNot()
    {
        await using var peer = await OddPeer.StartAsync(OddPeer.Says(404, "application/json", ""));
        await using var server = await StartAsync(peer);
        using var reply = await server.Http.GetAsync($"/v1/responses/{Id}");
        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
    }

    [Fact]
    public async Task MoreThanMayBeReadAtOnce_IsAskedForAgain()
    {
        await using var peer = await OddPeer.StartAsync(http => HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask : OddPeer.Begins(OddPeer.Event("response.created", 0))(http));
        await using var server = await StartAsync(peer, ("Cluster:RelaysMax", "1"));
        using (var first = await server.Http.GetAsync($"/v1/responses/{Id}?stream=true", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            await IsOverloadedAsync(server);
        }
        await Soon.UntilAsync(() => IsStreamedAsync(server).GetAwaiter().GetResult()); // its place is free again
    }

    private async Task<RunningServer> StartAsync(OddPeer peer, params (string, string)[] settings)
    {
        var rows = new ClusterRows();
        rows.Add(peer.Node);
        var server = await ClusterHouse.StartAsync(_backend, rows, [("Cluster:AskTimeMax", "00:01:00"), .. settings]);
        var cluster = server.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
        return server;
    }

    private static async Task<bool> IsStreamedAsync(RunningServer server)
    {
        using var reply = await server.Http.GetAsync($"/v1/responses/{Id}?stream=true", HttpCompletionOption.ResponseHeadersRead);
        return reply.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Over HTTP and on a socket.</summary>
    private static async Task IsOverloadedAsync(RunningServer server)
    {
        using var reply = await Soon.In(server.Http.GetAsync($"/v1/responses/{Id}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
        Assert.NotNull(reply.Headers.RetryAfter);
        Assert.Equal("server_is_overloaded", CodeOf(JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement));
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{Id}}"}""");
        Assert.Equal("server_is_overloaded", CodeOf(await socket.ReceiveAsync()));
    }

    private static string? CodeOf(JsonElement json) => json.GetProperty("error").GetProperty("code").GetString();
}
