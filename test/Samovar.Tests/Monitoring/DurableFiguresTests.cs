using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Compaction;
using Samovar.Tests.Running;

namespace Samovar.Tests.Monitoring;

/// <summary>What an operator sees of what outlives a request: metrics, status, health.</summary>
public sealed class DurableFiguresTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-durable-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BackgroundTurns_ShowWhileTheyWaitAndRun_AndByTheirEnds()
    {
        await using var house = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"), ("Background:QueuedMax", "7"));
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var running = await house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var waiting = await house.BeginAsync();
        await house.Server.ShowsAsync("samovar_background_running 1", "samovar_background_queued 1", "samovar_background_queue_limit 7",
            """samovar_replay_turns{samovar_state="running"} 2""", """samovar_replay_turns{samovar_state="over"} 0""",
            $"samovar_replay_limit_bytes {256 << 20}");
        var now = (await StatusAsync(house.Server)).GetProperty("running");
        Assert.Equal((1, 1, 2), (Number(now, "background_running"), Number(now, "background_queued"), Number(now, "replay_running")));
        Assert.True(Number(now, "replay_bytes") > 0);

        await house.CancelAsync(waiting);
        gate.Open();
        await house.EndedAsync(running);
        await house.ReplayAsync(running);
        await house.Server.ShowsAsync("""samovar_background_ended_total{samovar_outcome="completed"} 1""",
            """samovar_background_ended_total{samovar_outcome="cancelled"} 1""", "samovar_replay_resumed_total 1",
            "samovar_background_running 0", "samovar_background_queued 0", """samovar_replay_turns{samovar_state="over"} 2""");
        var ended = await RequestAsync(house.Server, running);
        Assert.True(ended.GetProperty("background").GetBoolean());
    }

    [Fact]
    public async Task BackgroundTurnsOfADeadServer_CountAsFailed_AtTheNextOne()
    {
        await using var dead = await new BackgroundServer().StartAsync();
        var gate = dead.HoldAt(ScriptPhase.Finishing);
        await dead.BeginAsync();
        await Soon.In(gate.Reached);
        await using var next = await new BackgroundServer { Rows = dead.Rows }.StartAsync();
        await next.Server.ShowsAsync("""samovar_background_ended_total{samovar_outcome="failed",error_type="server_restart"} 1""");
    }

    [Fact]
    public async Task TurnThatIsReadAgainWhileItRuns_SaysSo()
    {
        await using var house = await new BackgroundServer().StartAsync();
        var gate = house.HoldAt(ScriptPhase.Finishing);
        var id = await house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var again = house.ReplayAsync(id);
        await house.Server.ShowsAsync("samovar_replay_resumed_total 1");
        gate.Open();
        await again;
        Assert.Equal(1, Number(await RequestAsync(house.Server, id), "resumed"));
    }

    [Fact]
    public async Task StoredResponses_ShowWhatTheyCost_HowTheyAreReadBack_AndWhyOneWasRefused()
    {
        string first;
        await using (var server = await SqliteAsync())
        {
            first = (await server.PostAsync("""{"model":"m","input":"[[final=one]]"}""")).Body.Text("id");
            await server.ShowsAsync("""samovar_chains_append_duration_seconds_count{samovar_outcome="stored"} 1""",
                "samovar_chains_cached_responses 1", $"samovar_chains_cached_limit_bytes {1 << 20}", "samovar_store_away_ratio 0",
                "samovar_store_away_time_seconds 0", "samovar_store_waiting 0", "samovar_store_waiting_limit 4096");
            Assert.True((await RequestAsync(server, first)).GetProperty("store_ms").GetDouble() > 0);
            var unstored = (await server.PostAsync("""{"model":"m","input":"[[final=x]]","store":false}""")).Body.Text("id");
            Assert.False((await RequestAsync(server, unstored)).TryGetProperty("store_ms", out _));
            var store = (await StatusAsync(server)).GetProperty("store");
            Assert.Equal(("sqlite", 1), (store.Text("kind"), Number(store, "cached_responses")));
            Assert.False(store.TryGetProperty("away_since", out _));
            Assert.Equal(("sqlite", "ok"), Health(await HealthAsync(server)));
        }
        await using var next = await SqliteAsync();
        await next.PostAsync($$"""{"model":"m","input":"[[final=two]]","previous_response_id":"{{first}}"}""");
        await next.PostAsync("""{"model":"m","input":"[[final=three]]"}""");
        await next.ShowsAsync("""samovar_chains_read_duration_seconds_count{samovar_outcome="read"} 1""", "samovar_chains_read_total 1",
            """samovar_chains_append_duration_seconds_count{samovar_outcome="stored"} 1""",
            """samovar_chains_append_duration_seconds_count{samovar_outcome="full"} 1""");
    }

    [Fact]
    public async Task StoreThatIsAway_SaysSoEverywhere_WithTheReasonAndTheTime()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), new Dictionary<string, string?>
        {
            ["Server:DataPath"] = _folder.FullName, ["Store:Kind"] = "postgres", ["Logging:LogLevel:Default"] = "None",
            ["Store:ConnectionString"] = "Host=127.0.0.1;Port=1;Username=u;Password=geheim;Database=d",
        });
        await server.ShowsAsync("samovar_store_away_ratio 1");
        var health = await HealthAsync(server);
        Assert.Equal(("postgres", "away"), Health(health));
        Assert.True(health.GetProperty("store").GetProperty("away_seconds").GetDouble() > 0);
        var status = await StatusAsync(server);
        var store = status.GetProperty("store");
        Assert.NotEmpty(store.Text("reason"));
        Assert.InRange(
            store.GetProperty("away_since").GetDateTimeOffset(), status.GetProperty("at").GetDateTimeOffset().AddMinutes(-1),
            status.GetProperty("at").GetDateTimeOffset());
        Assert.DoesNotContain("geheim", status.GetRawText() + health.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversations_ShowTurnsChangesAndConflicts()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        var id = (await server.PostAsync(
            """{"items":[{"type":"message","role":"user","content":"hello"}]}""", "/v1/conversations")).Body.Text("id");
        var gate = new PhaseGate();
        backend.OnPhase = (_, phase, late) => phase == ScriptPhase.Finishing ? gate.PassAsync(late) : ValueTask.CompletedTask;
        var turn = server.PostAsync($$"""{"model":"m","input":"[[final=one]]","conversation":"{{id}}"}""");
        await Soon.In(gate.Reached);
        Assert.Equal("conversation_locked", (await server.PostAsync($$"""{"model":"m","input":"two","conversation":"{{id}}"}"""))
            .Body.GetProperty("error").Text("code"));
        gate.Open();
        await turn;
        await server.ShowsAsync("""samovar_conversations_opened_total{samovar_outcome="change"} 1""",
            """samovar_conversations_opened_total{samovar_outcome="turn"} 1""",
            """samovar_conversations_opened_total{samovar_outcome="locked"} 1""");
    }

    [Fact]
    public async Task Compactions_ShowTheirFormMethodAndSize_AndWhyOneFailed()
    {
        var backend = new NotingBackend();
        await using var server = await RunningServer.StartAsync(backend);
        await server.PostAsync(TalkingServer.Body(TalkingServer.Basket + "," + TalkingServer.Trigger));
        await server.PostAsync($$"""{"model":"m","input":[{{TalkingServer.Basket}}]}""", "/v1/responses/compact");
        backend.Tokens = 9_000;
        backend.Summary = "No.";
        var automatic = (await server.PostAsync(TalkingServer.Body(TalkingServer.Basket + "," + TalkingServer.Question,
            "\"store\":false,\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]"))).Body.Text("id");
        await server.PostAsync("""{"model":"m","previous_response_id":"resp_x"}""", "/v1/responses/compact");
        const string counted = "samovar_compactions_duration_seconds_count";
        var shown = await server.ShowsAsync(
            counted + """{samovar_form="trigger",samovar_method="model"} 1""",
            counted + """{samovar_form="endpoint",samovar_method="model"} 1""",
            counted + """{samovar_form="automatic",samovar_method="extract"} 1""",
            counted + """{samovar_form="endpoint",samovar_method="none",error_type="previous_response_not_found"} 1""");
        Assert.True(Total("before") > 20_000, shown);
        Assert.InRange(Total("after"), 100, Total("before") / 2);
        var record = await RequestAsync(server, automatic);
        Assert.Equal("automatic", record.Text("compaction_form"));
        Assert.StartsWith("extract:", record.Text("compaction"), StringComparison.Ordinal);

        int Total(string kind) => shown.Split('\n').Where(line => line.StartsWith(
            $"samovar_compactions_tokens_total{{samovar_token_kind=\"{kind}\"}} ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).Single();
    }

    [Fact]
    public async Task Steers_ShowWhatBecameOfThem()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        var gate = new PhaseGate();
        backend.OnPhase = (_, phase, cancelled) =>
            phase == ScriptPhase.Accepted && !gate.Reached.IsCompleted ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.steer","previous_response_id":"resp_x","input":"left"}""");
        await socket.ReceiveAsync();
        await socket.SendAsync("""{"type":"response.create","model":"m","store":false,"input":"[[final=late]]"}""");
        var id = (await socket.ReceiveAsync()).GetProperty("response").Text("id");
        await Soon.In(gate.Reached);
        await socket.SendAsync($$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"[[final=STEERED]]"}""");
        await socket.ReceiveTurnAsync();
        await socket.ReceiveTurnAsync();
        await server.ShowsAsync("""samovar_sessions_steers_total{samovar_outcome="accepted"} 1""",
            """samovar_sessions_steers_total{samovar_outcome="followed"} 1""",
            """samovar_sessions_steers_total{samovar_outcome="refused",error_type="response_not_found"} 1""");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<RunningServer> SqliteAsync()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Server:DataPath"] = _folder.FullName, ["Store:Kind"] = "sqlite", ["Chains:BytesMax"] = "1048576",
            ["StoredChains:ResponsesMax"] = "2",
        };
        return RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
    }

    private static async Task<JsonElement> StatusAsync(RunningServer server) => JsonDocument.Parse(
        await server.Http.GetStringAsync(new Uri("/v1/samovar/status", UriKind.Relative), Cancelled)).RootElement;

    private static async Task<JsonElement> HealthAsync(RunningServer server) => JsonDocument.Parse(
        await server.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Cancelled)).RootElement;

    private static (string, string) Health(JsonElement health) =>
        (health.GetProperty("store").Text("kind"), health.GetProperty("store").Text("status"));

    /// <summary>A turn is recorded just after its last event went out.</summary>
    private static async Task<JsonElement> RequestAsync(RunningServer server, string id)
    {
        var late = Soon.Token;
        while (true)
        {
            foreach (var request in (await StatusAsync(server)).GetProperty("requests").EnumerateArray())
                if (request.TryGetProperty("response", out var response) && response.GetString() == id) return request;
            late.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
