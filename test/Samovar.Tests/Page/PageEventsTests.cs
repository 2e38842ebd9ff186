using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Server.Page;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Page;

/// <summary>What an open page hears.</summary>
public sealed class PageEventsTests : IDisposable
{
    private readonly PageLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turns_AreShown_AsTheirRecordsSay()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        await using var socket = await server.ConnectAsync(options => options.SetRequestHeader("User-Agent", "socket-agent"));
        using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
        var empty = await page.UntilAsync(state => state.Sessions.Count == 1, Cancelled);
        Assert.Equal(("websocket", "socket-agent", true), Facts(Assert.Single(empty.Sessions.Values)));
        Assert.Empty(empty.Turns);

        await socket.SendAsync("""{"type":"response.create","model":"m","store":false,"input":"one","stream_id":"l"}""");
        await socket.ReceiveTurnAsync();
        var first = await page.UntilAsync(state => state.Totals.Turns == 1 && state.Turns.Values.Any(IsOver), Cancelled);
        Assert.Equal("delta", page.LastEvent);
        var (lane, turn) = (Assert.Single(first.Lanes.Values), Assert.Single(first.Turns.Values));
        Assert.Equal(("l", lane.Id, lane.Session), (lane.Name, turn.Lane, first.Sessions.Keys.Single()));
        Assert.Equal([turn.Id], lane.Turns);
        Assert.Equal(("completed", "ended", "account-one"), (turn.Outcome, turn.Stage, turn.Destination));
        Assert.True(turn.TotalMs > 0 && turn.InputTokens > 0 && turn.BytesUp > 0);
        Assert.Equal(turn.BytesUp, turn.BytesStateless);

        await socket.SendAsync($$"""
            {"type":"response.create","model":"m","store":false,"input":"two","stream_id":"l","previous_response_id":"{{turn.Id}}"}
            """);
        await socket.ReceiveTurnAsync();
        var second = await page.UntilAsync(state => state.Totals.Turns == 2 && state.Turns.Values.Count(IsOver) == 2, Cancelled);
        var next = Assert.Single(second.Turns.Values, one => one.Parent == turn.Id);
        Assert.True(next.BytesStateless > next.BytesUp, "the whole context is more than what is new");
        lane = (await page.UntilAsync(state => state.Lanes.Values.Single().Turns.Count == 2, Cancelled)).Lanes.Values.Single();
        Assert.Equal([turn.Id, next.Id], lane.Turns);
        Assert.Equal(("upstream", "account-one"), (lane.Kv, lane.KvAt));
        Assert.Equal((turn.BytesUp + next.BytesUp, turn.BytesStateless + next.BytesStateless), (lane.BytesUp, lane.BytesStateless));
        Assert.Equal((lane.BytesUp, lane.BytesStateless), (second.Totals.BytesUp, second.Totals.BytesStateless));
        Assert.Equal("account-one", Assert.Single(Assert.Single(second.Pools.Values).Destinations).Name);

        await socket.DisposeAsync();
        await page.UntilAsync(state => !state.Sessions.Values.Single().IsOpen && state.Totals.SessionsOpen == 0, Cancelled);
    }

    [Fact]
    public async Task RequestsOverHttp_AreSessions_ByTheirThreadOrTheirChain()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
        var root = await PageLab.AskAsync(server, Cancelled);
        var left = await PageLab.AskAsync(server, Cancelled, previous: root);
        var right = await PageLab.AskAsync(server, Cancelled, previous: root);
        var threaded = await PageLab.AskAsync(server, Cancelled, thread: "a-thread");
        var other = await PageLab.AskAsync(server, Cancelled, thread: "a-thread");

        var state = await page.UntilAsync(state => state.Turns.Values.Count(IsOver) == 5 && state.Lanes.Count == 3, Cancelled);
        Assert.Equal(2, state.Sessions.Count);
        Assert.All(state.Sessions.Values, session => Assert.Equal(("http", "agent-of-a-test/1.0", false), Facts(session)));
        Assert.Equal(state.Turns[root].Lane, state.Turns[left].Lane);
        Assert.Equal([null, root, root], new[] { root, left, right }.Select(id => state.Turns[id].Parent));
        Assert.NotEqual(state.Turns[threaded].Lane, state.Turns[other].Lane);
        Assert.Equal(state.Lanes[state.Turns[threaded].Lane].Session, state.Lanes[state.Turns[other].Lane].Session);
    }

    [Fact]
    public async Task RunningTurn_IsShown_WhileItRuns()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Gate = new SemaphoreSlim(0);
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
        var asking = PageLab.AskAsync(server, Cancelled);
        var running = await page.UntilAsync(state => state.Turns.Count == 1 && state.Totals.Running == 1, Cancelled);
        var turn = Assert.Single(running.Turns.Values);
        Assert.NotEqual("ended", turn.Stage);
        Assert.Null(turn.Outcome);
        Assert.True(running.Sessions.Values.Single().IsOpen);
        upstream.Gate.Release(10);
        var id = await asking;
        await page.UntilAsync(state => state.Turns.TryGetValue(id, out var over) && IsOver(over) && state.Totals.Running == 0, Cancelled);
    }

    [Fact]
    public async Task Reconnect_GetsWhatItMissed_OrEverythingAgain()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(
            null, _lab.Settings(upstream, withKeys: false, ("Page:HistoryMax", "3")));
        string id;
        using (var page = await PageStream.OpenAsync(server, cancelled: Cancelled))
        {
            await PageLab.AskAsync(server, Cancelled);
            await page.UntilAsync(state => state.Turns.Values.Count(IsOver) == 1, Cancelled);
            id = page.LastId;
        }
        var missed = await PageLab.AskAsync(server, Cancelled);
        using (var again = await PageStream.OpenAsync(server, lastId: id, cancelled: Cancelled))
        {
            var hears = new List<string>();
            do
            {
                Assert.True(await again.ReadMetaAsync(Cancelled));
                hears.Add(again.LastEvent);
            }
            while (!again.Text.Contains(missed, StringComparison.Ordinal));
            Assert.All(hears, name => Assert.Equal("delta", name));
        }
        using var keeper = await PageStream.OpenAsync(server, cancelled: Cancelled);
        for (var turn = 0; turn < 5; turn++)
        {
            var asked = await PageLab.AskAsync(server, Cancelled);
            await keeper.UntilAsync(state => state.Turns.TryGetValue(asked, out var over) && IsOver(over), Cancelled);
        }
        foreach (var old in new[] { id, "another-1", "nonsense" })
        {
            using var late = await PageStream.OpenAsync(server, lastId: old, cancelled: Cancelled);
            await late.ReadAsync(Cancelled);
            Assert.Equal(("state", 7), (late.LastEvent, late.State!.Turns.Values.Count(IsOver)));
        }
    }

    [Fact]
    public async Task Watchers_AreBounded_AndNothingIsReadWithoutThem()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(
            upstream, withKeys: false, ("Page:WatchersPerTenantMax", "1"), ("Page:ResumeMax", "00:00:00")));
        var feeds = server.Services.GetRequiredService<PageFeeds>();
        Assert.Equal(0, feeds.Count);
        using (var page = await PageStream.OpenAsync(server, cancelled: Cancelled))
        {
            await page.ReadAsync(Cancelled);
            using var refused = await server.Http.GetAsync("/page/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Equal(1, feeds.Count);
        }
        while (feeds.Count > 0)
        {
            Cancelled.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Rows_AreBounded_AndTotalsCountAll()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(
            upstream, withKeys: false, ("Page:SessionsMax", "2"), ("Page:TurnsMax", "2")));
        var sockets = new List<ClientSocket>();
        for (var count = 0; count < 4; count++) sockets.Add(await server.ConnectAsync());
        await sockets[0].AskAsync("""{"type":"response.create","model":"m","store":false,"input":"one"}""");
        using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
        var state = await page.UntilAsync(state => state.Totals.Turns == 1 && state.Turns.Count == 1, Cancelled);
        Assert.Equal((4, 2), (state.Totals.SessionsOpen, state.Sessions.Count));
        Assert.Contains(state.Lanes.Values.Single().Session, state.Sessions.Keys);
        var ids = new List<string>();
        for (var count = 0; count < 3; count++) ids.Add(await PageLab.AskAsync(server, Cancelled));
        state = await page.UntilAsync(state => state.Turns.ContainsKey(ids[2]) && state.Totals.Turns == 4, Cancelled);
        Assert.Equal((2, 2), (state.Sessions.Count, state.Turns.Count));
        foreach (var socket in sockets) await socket.DisposeAsync();
    }

    [Fact]
    public async Task Chain_IsReadToItsRoot_InParts()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false, ("Page:ChainMax", "2")));
        var first = await PageLab.AskAsync(server, Cancelled);
        var second = await PageLab.AskAsync(server, Cancelled, previous: first);
        var third = await PageLab.AskAsync(server, Cancelled, previous: second);
        var part = await ChainAsync(server, third);
        Assert.Equal([third, second], part.Turns.Select(turn => turn.Id));
        Assert.Equal(first, part.Next);
        Assert.Equal(second, part.Turns[0].Parent);
        var rest = await ChainAsync(server, first);
        Assert.Equal(first, Assert.Single(rest.Turns).Id);
        Assert.Null(rest.Next);
        using var unknown = await server.Http.GetAsync("/page/chain/resp_none", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    public void Dispose() => _lab.Dispose();

    private static bool IsOver(PageTurn turn) => turn.Stage == "ended";

    private static (string, string?, bool) Facts(PageSession session) => (session.Transport, session.Client, session.IsOpen);

    private static async Task<PageChain> ChainAsync(RunningServer server, string id) => System.Text.Json.JsonSerializer.Deserialize(
        await server.Http.GetByteArrayAsync($"/page/chain/{id}", Cancelled), PageJson.Default.PageChain)!;
}
