using System.Net;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Page;

/// <summary>Nothing of one tenant is on another's page.</summary>
public sealed class PageTenantTests : IDisposable
{
    private readonly PageLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenant_HearsNothingOfAnother_AnOperatorEverything()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        using var alices = await PageStream.OpenAsync(server, "sk-a", cancelled: Cancelled);
        using var bobs = await PageStream.OpenAsync(server, "sk-b", cancelled: Cancelled);
        using var all = await PageStream.OpenAsync(server, "sk-op", cancelled: Cancelled);
        await using var socketOfB = await server.ConnectAsync(options => Present(options, "sk-b", "client-of-bob"));
        await socketOfB.AskAsync("""{"type":"response.create","model":"m","store":true,"input":"one","stream_id":"lane-of-bob"}""");
        var ofB = await PageLab.AskAsync(server, Cancelled, "sk-b", thread: "thread-of-both");
        var continued = await PageLab.AskAsync(server, Cancelled, "sk-b", previous: ofB);
        var ofA = await PageLab.AskAsync(server, Cancelled, "sk-a", thread: "thread-of-both");

        var bob = await bobs.UntilAsync(
            state => state.Turns.Values.Count(turn => turn.Stage == "ended") == 3 && state.Lanes.Count == 3, Cancelled);
        var alice = await alices.UntilAsync(state => state.Turns.ContainsKey(ofA) && state.Totals.Turns == 1, Cancelled);
        var seen = await all.UntilAsync(state => state.Turns.Values.Count(turn => turn.Stage == "ended") == 4, Cancelled);
        Assert.Equal(("alice", "bob", null), (alice.Server.Tenant, bob.Server.Tenant, seen.Server.Tenant));
        Assert.Contains(continued, bob.Turns.Keys);
        string[] bobsOwn =
        [
            "bob", "lane-of-bob", "client-of-bob", .. bob.Sessions.Keys, .. bob.Lanes.Keys, .. bob.Turns.Keys,
        ];
        Assert.True(bobsOwn.Length > 9);
        Assert.All(bobsOwn, text => Assert.DoesNotContain(text, alices.Text, StringComparison.Ordinal));
        Assert.Contains(ofA, alices.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(ofA, bobs.Text, StringComparison.Ordinal);
        Assert.All(new[] { alice, bob }, state => Assert.Empty(state.Pools));
        Assert.All(new[] { alices, bobs }, page => Assert.DoesNotContain("pool-one", page.Text, StringComparison.Ordinal));
        Assert.Null(alice.Totals.KvTokens);
        Assert.Equal(1, alice.Totals.Turns);

        Assert.Equal(4, seen.Totals.Turns);
        Assert.Contains("pool-one", seen.Pools.Keys);
        Assert.All(bob.Sessions.Keys.Concat(alice.Sessions.Keys), id => Assert.Contains(id, seen.Sessions.Keys));
        Assert.Equal(["alice", "bob"], seen.Sessions.Values.Select(session => session.Tenant).Distinct().Order());

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "sk-a", "chain/" + ofB));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "sk-a", "chain/" + ofB + "?tenant=bob"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "sk-b", "chain/" + ofB));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "sk-op", "chain/" + ofB + "?tenant=bob"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, "sk-a", "trace/" + ofB));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "sk-b", "trace/" + ofB));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "sk-op", "trace/" + ofB));
    }

    public void Dispose() => _lab.Dispose();

    private static void Present(System.Net.WebSockets.ClientWebSocketOptions options, string key, string client)
    {
        options.SetRequestHeader("Authorization", "Bearer " + key);
        options.SetRequestHeader("User-Agent", client);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningServer server, string key, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/" + path);
        request.Headers.Authorization = new("Bearer", key);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }
}
