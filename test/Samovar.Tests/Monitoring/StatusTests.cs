using System.Net.Http.Headers;
using System.Net.Http.Json;
using Samovar.Cli.Top;
using Samovar.Engine;
using Samovar.Server.Monitoring.Status;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Monitoring;

/// <summary>What <c>samovar top</c> learns of a server, and how it shows it.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-status");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenant_SeesItsOwn_AnOperatorEverything()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Overloaded);
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        await using var socket = await server.ConnectAsync(options => options.SetRequestHeader("Authorization", "Bearer sk-a"));
        await socket.SendAsync("""{"type":"response.create","model":"m","store":false,"input":"one","stream_id":"l"}""");
        await socket.ReceiveTurnAsync();
        await AskAsync(server, "sk-b");

        var alice = await StatusAsync(server, "sk-a", report => report.Turns.Ended == 1);
        Assert.Equal(("alice", new SessionStatus(1, 1, 0, 0)), (alice.Tenant, alice.Sessions));
        Assert.Equal("alice", Assert.Single(alice.Requests).Tenant);
        Assert.Null(alice.Pools);

        var all = await StatusAsync(server, "sk-op", report => report.Turns.Ended == 2);
        Assert.Null(all.Tenant);
        Assert.Equal(["bob", "alice"], all.Requests.Select(request => request.Tenant));
        Assert.Equal(["a:server_error"], all.Requests[1].Faults);
        var a = Assert.Single(Assert.Single(all.Pools!).Destinations);
        Assert.Equal(("a", 3L, 1L, "server_error"), (a.Name, a.Attempts, a.Faults, a.LastFault));
        Assert.Equal((0, 8, 3L), (a.InFlight, a.InFlightMax, a.RequestsInMinute));
        Assert.True(a.FirstOutputMs > 0 && a.InputTokens > 0 && a.BytesUp > 0 && a.BytesBack > 0);
        Assert.Equal(all.Turns.BytesUp, a.BytesUp);
    }

    [Fact]
    public async Task Once_PrintsASnapshot_OrSaysWhyNot()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        await AskAsync(server, "sk-a");
        await StatusAsync(server, "sk-op", report => report.Turns.Ended == 1);
        var (output, error) = (new StringWriter(), new StringWriter());
        using (var client = new StatusClient(server.Address, "sk-op"))
            Assert.Equal(0, await TopCommand.PrintAsync(client, output, error, Cancelled));
        var text = output.ToString();
        Assert.DoesNotContain('\e', text);
        Assert.Matches(@"(?m)^sockets 0  lanes 0  running 0  queued 0  turns 1  failed 0\r?$", text);
        Assert.Matches(@"(?m)^a +0/8 +fit +\d+ ms +0 % ", text);
        Assert.Matches(@"completed .* \d+/0/\d+ +a +fake-model +alice +new", text);

        using (var stranger = new StatusClient(server.Address, "sk-nobody"))
            Assert.Equal(1, await TopCommand.PrintAsync(stranger, output, error, Cancelled));
        Assert.Contains("needs a key", error.ToString(), StringComparison.Ordinal);
        using (var nobody = new StatusClient(new Uri("http://127.0.0.1:1"), null))
            Assert.Equal(1, await TopCommand.PrintAsync(nobody, output, error, Cancelled));
        Assert.Contains("http://127.0.0.1:1", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestsThatNeverBecameTurns_LeaveTheirRecord()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        await using var socket = await server.ConnectAsync(options => options.SetRequestHeader("Authorization", "Bearer sk-a"));
        await socket.SendAsync("""{"type":"response.create","model":"m","stream_id":"l","input":7}""");
        await socket.ReceiveTurnAsync();
        foreach (var path in new[] { "/v1/responses", "/v1/chat/completions", "/v1/messages" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-a");
            using var answer = await server.Http.SendAsync(request, Cancelled);
            Assert.Equal(400, (int)answer.StatusCode);
        }
        var report = await StatusAsync(server, "sk-a", report => report.Turns.Ended == 4);
        Assert.All(report.Requests, request => Assert.Equal("refused", request.Outcome));
        Assert.Equal(["invalid_json", "invalid_json", "invalid_json", "invalid_type"], report.Requests.Select(request => request.Error));
        Assert.True(report.Turns.BytesIn > 60);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void Screen_FitsTheTerminal_AndDoesNotObeyNames(int width)
    {
        var before = Full();
        var text = TopTerminal.Text(TopScreen.Of(before with
        {
            At = before.At.AddSeconds(2), Turns = before.Turns with { BytesUp = before.Turns.BytesUp + 4000 },
        }, before, width, requestsMax: 1), width, withColours: false);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, width));
        Assert.DoesNotContain('\e', text);
        if (width >= 80) Assert.Contains("cooldown 7.0 s", text, StringComparison.Ordinal);
        if (width == 200)
        {
            Assert.Contains("up 5 KB (2 KB/s)", text, StringComparison.Ordinal);
            Assert.Contains("evil␦[2Jmodel", text, StringComparison.Ordinal);
            Assert.Contains("pool main, 3/9 wait", text, StringComparison.Ordinal);
            Assert.Contains("streams 1/4 busy", text, StringComparison.Ordinal);
        }
        Assert.Equal(1, text.Split("completed").Length - 1);
        Assert.Contains("miss:moved", text, StringComparison.Ordinal);
        Assert.Matches("\nat +outcome .*\n00:00:00 +completed .*\n$", text.TrimEnd() + "\n"); // one line for each row
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static StatusReport Full() => new()
    {
        Version = "1.2.3+abc", At = DateTimeOffset.UnixEpoch, UptimeSeconds = 90_061.5, Draining = true,
        Sessions = new SessionStatus(10_000, 12_000, 4, 2),
        Turns = new TurnStatus { Ended = 123_456, BytesUp = 1000, InputTokens = 1000, CachedTokens = 934 },
        Engine = new EngineStatus("qwen", 4, new EngineCounters { StreamsBusy = 1, ParkedBytes = 1 << 30, ParkedBytesMax = 2L << 30 }),
        Pools = [new PoolStatus("main", 3, 9, [new DestinationStatus
        {
            Name = "account-with-a-very-long-name-indeed", Kind = "chat", Refusal = "cooldown", RetryAfterSeconds = 7,
            LastFault = "rate_limited",
        }])],
        Requests = [.. Enumerable.Range(0, 3).Select(_ => new RequestStatus
        {
            At = DateTimeOffset.UnixEpoch, Tenant = "t", Outcome = "completed", Model = "evil\e[2Jmodel", Miss = "moved", TotalMs = 61_000,
        })],
    };

    private static async Task AskAsync(RunningServer server, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = JsonContent.Create(new { model = "m", input = "one", store = false });
        using var answer = await server.Http.SendAsync(request, Cancelled);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A turn is counted just after its last event went out.</summary>
    private static async Task<StatusReport> StatusAsync(RunningServer server, string key, Predicate<StatusReport> until)
    {
        using var client = new StatusClient(server.Address, key);
        while (true)
        {
            var (report, trouble) = await client.AskAsync(Cancelled);
            Assert.Null(trouble);
            if (until(report!)) return report!;
            await Task.Delay(10, Cancelled);
        }
    }

    private async Task<Dictionary<string, string?>> SettingsAsync(FakeUpstream upstream) =>
        new(await OneChatPool.SettingsAsync(_folder, upstream, Cancelled)) { ["Upstream:Pools:0:Destinations:0:InFlightMax"] = "8" };
}
