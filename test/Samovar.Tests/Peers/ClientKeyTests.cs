using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Peers;

/// <summary>Where clients' keys go on to upstreams, a turn's goes to whichever node makes it.</summary>
public sealed class ClientKeyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // passed on as it came
    public async Task TurnElsewhere_GoesOnWithItsClientsKey(bool isBackground)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        (string Key, string Value)[] settings =
        [
            .. upstream.Settings("chat").Select(static pair => (pair.Key, pair.Value!)), ("Auth:PassKeysOn", "true"),
            ("Upstream:Pools:0:Destinations:0:PassesKeys", "true"), ("Upstream:CallerKeysMax", "1"),
        ];
        await using var owner = await ClusterHouse.StartAsync(null, new ClusterRows(), [.. settings, ("Cluster:Name", "two")]);
        var rows = new ClusterRows { Owner = new ClusterNode(
            new NodeName("two"), new Incarnation("node_two"), owner.Address, NodeState.Active) };
        rows.Add(rows.Owner);
        await using var edge = await ClusterHouse.StartAsync(null, rows, settings);
        var cluster = edge.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);

        var first = await AskAsync(owner, "key-1", """{"model":"m","input":"one"}""");
        await AskAsync(owner, "key-2", """{"model":"m","input":"another's"}"""); // of one key alone the owner knows
        upstream.Requests.Clear();
        var background = isBackground ? "true" : "false";
        await AskAsync(
            edge, "key-1", $$"""{"model":"m","input":"two","previous_response_id":"{{first}}","background":{{background}}}""");
        await Soon.UntilAsync(() => !upstream.Requests.IsEmpty);
        Assert.Equal("Bearer key-1", Assert.Single(upstream.Requests).Headers["Authorization"]);
        Assert.DoesNotContain(upstream.Requests, seen => seen.Headers.ContainsKey("samovar-client-key"));
    }

    private static async Task<string> AskAsync(RunningServer server, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", key);
        using var reply = await Soon.In(server.Http.SendAsync(request));
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
    }
}
