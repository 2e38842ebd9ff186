using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>The loop on the real engine, with a model that calls as its script says: what rounds compute, and over a restart.</summary>
public sealed partial class ToolEngineTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int Lag = 2; // the newest token of a round is never computed in it, and an end token may differ

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-tools-");
    private int _calls;

    private string Model => Path.Combine(_folder.FullName, "obedient.gguf");

    private FakeTool Shelf => new("look", (_, _) =>
    {
        var at = Interlocked.Increment(ref _calls);
        return Task.FromResult(FakeTool.Text($"{string.Concat(Enumerable.Repeat("a shelf of jars ", 100))} shelf-{at}"));
    });

    public ValueTask InitializeAsync()
    {
        ObedientModel.WriteShellLoop(Model, "demo__look", "text", "jars", $"shelf-{Rounds - 1}", "SEVEN JARS STAND THERE", areFound: true);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Round_ComputesWhatIsNew_AndNoMore()
    {
        var figures = new Figures();
        await using var house = await StartAsync(services => services.AddSingleton<ILoggerProvider>(figures));
        var response = await house.AskAsync(house.Body("\"Count the jars.\""));
        Assert.Equal(["mcp_list_tools", "mcp_call", "mcp_call", "mcp_call", "message"], response.Types());
        Assert.Equal("SEVEN JARS STAND THERE", Text(response));
        var turns = figures.Turns.ToList();
        Assert.Equal(Rounds, turns.Count);
        var usage = response.GetProperty("usage");
        Assert.Equal(turns.Sum(static turn => turn.Prompt), usage.GetProperty("input_tokens").GetInt32());
        var cached = usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
        Assert.Equal(turns.Sum(static turn => turn.Cached), cached);
        var output = usage.GetProperty("output_tokens").GetInt32();
        for (var at = 1; at < turns.Count; at++) // what stood there and what was said is there
            Assert.InRange(turns[at].Cached, turns[at - 1].Prompt, turns[at].Prompt - 1);
        var prefilled = turns.Sum(static turn => turn.Prompt - turn.Cached);
        var fresh = turns[^1].Prompt - output; // what was said is not computed again
        Assert.InRange((double)(prefilled - Lag * Rounds) / fresh, 0.5, 1.05);

        // The next turn goes on from the last round.
        figures.Turns.Clear();
        _calls = Rounds - 2; // its first look is the last one
        await house.AskAsync(house.Body("\"And again.\"", more: $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.InRange(figures.Turns.First().Cached, turns[^1].Prompt, figures.Turns.First().Prompt - 1);
    }

    /// <summary>All rounds write to one report: what it says is of all of them, and a miss of the first is not forgotten.</summary>
    [Fact]
    public async Task Details_AreOfAllRounds_AndTheFirstOnesMissStays()
    {
        await using var house = await StartAsync(
            settings: new(StringComparer.Ordinal) { ["Engine:Streams"] = "1", ["Engine:ParkedBytesMax"] = "0" });
        var first = await house.AskAsync(house.Body("\"Count the jars.\""));
        await house.AskAsync("""{"model":"calling","input":"Something else, which takes the only stream.","max_output_tokens":16}""");
        _calls = Rounds - 2; // its first look is the last one
        var second = await house.AskAsync(house.Body("\"And again.\"",
            more: $"\"prompt_cache_options\":{{\"details\":true}},\"previous_response_id\":\"{first.Id()}\""));
        Assert.Equal(["mcp_call", "message"], second.Types());
        var diagnostics = second.GetProperty("prompt_cache_diagnostics");
        var (details, usage) = (diagnostics.GetProperty("details"), second.GetProperty("usage"));
        Assert.Equal(("cache_miss", "state_evicted"), (diagnostics.Str("type"), diagnostics.Str("reason")));
        Assert.Equal("state_evicted", details.Str("reason"));
        Assert.Equal("cells", details.GetProperty("evicted").Str("tier"));
        var chain = first.GetProperty("usage").GetProperty("output_tokens").GetInt32();
        Assert.InRange(details.GetProperty("recomputed_tokens").GetInt32(), chain, int.MaxValue);
        var tokens = details.GetProperty("prompt_tokens").GetInt32();
        Assert.Equal(usage.GetProperty("input_tokens").GetInt32(), tokens);
        Assert.Equal(
            usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(),
            details.GetProperty("cached_tokens").GetInt32());
        Assert.Equal(tokens, details.GetProperty("tiers").EnumerateArray().Sum(static tier => tier.GetProperty("tokens").GetInt32()));
        var path = new Uri($"/v1/samovar/why/{second.Id()}", UriKind.Relative);
        JsonElement why = default;
        await Soon.UntilAsync(() => // it is noted just behind the turn's end
        {
            why = JsonDocument.Parse(house.Server.Http.GetStringAsync(path).Result).RootElement;
            return why.Str("outcome") is not null;
        });
        Assert.Equal("state_evicted", why.Str("miss"));
        Assert.Equal(details.ToString(), why.GetProperty("cache").ToString());
    }

    /// <summary>What is warmed has the server's tools in it, as the first turn that begins so has.</summary>
    [Fact]
    public async Task WarmedPrefix_HasTheServersTools_AndTheFirstTurnFindsThem()
    {
        var figures = new Figures();
        await using var house = await StartAsync(services => services.AddSingleton<ILoggerProvider>(figures));
        var tool = house.Tool();
        using var warmed = await house.Server.Http.PostAsync("/v1/samovar/prefixes", new StringContent(
            $$$"""{"request":{"model":"calling","instructions":"You count jars.","input":[],"tools":[{{{tool}}}]}}""",
            System.Text.Encoding.UTF8, "application/json"));
        var prefix = JsonDocument.Parse(await warmed.Content.ReadAsStringAsync()).RootElement;
        Assert.True(warmed.IsSuccessStatusCode, prefix.ToString());
        var tokens = prefix.GetProperty("tokens").GetInt32();
        figures.Turns.Clear();
        await house.AskAsync(house.Body("\"Count the jars.\"", tool, "\"instructions\":\"You count jars.\""));
        var first = figures.Turns.First();
        Assert.InRange(first.Cached, tokens - Lag, first.Prompt);
        Assert.InRange(first.Prompt - tokens, 1, 200); // the question, and not the tools
    }

    /// <summary>What stands in the chain, and the same items brought to a server that never saw them, are the same tokens.</summary>
    [Fact]
    public async Task History_IsTheSamePrompt_WarmAndCold()
    {
        const string Question = """{"role":"user","content":"And now?"}""";
        await using var house = await StartAsync();
        var response = await house.AskAsync(house.Body("\"Count the jars.\""));
        var warm = await CountAsync(house, $"[{Question}]", $",\"previous_response_id\":\"{response.Id()}\"");
        await using var other = await StartAsync();
        var items = string.Join(',', response.GetProperty("output").EnumerateArray().Select(static item => item.GetRawText()));
        Assert.Equal(warm, await CountAsync(other, $$"""[{"role":"user","content":"Count the jars."},{{items}},{{Question}}]"""));
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task Upstream_ThatKnowsFunctionsOnly_RunsTheSameLoop(string kind)
    {
        await using var engine = await RunningServer.StartAsync(null, Engine());
        await using var house = await ToolHouse.StartAsync(null, [Shelf], new()
        {
            ["Upstream:Pools:0:Name"] = "pool", ["Upstream:Pools:0:Destinations:0:Name"] = "engine",
            ["Upstream:Pools:0:Destinations:0:Kind"] = kind, ["Upstream:Pools:0:Destinations:0:Models:0"] = "*",
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = new Uri(engine.Address, "/v1").ToString(),
        });
        var response = await house.AskAsync(house.Body("\"Count the jars.\""));
        Assert.Equal(["mcp_list_tools", "mcp_call", "mcp_call", "mcp_call", "message"], response.Types());
        Assert.Equal("SEVEN JARS STAND THERE", Text(response));
        _calls = Rounds - 2;
        var second = await house.AskAsync(house.Body("\"And again.\"", more: $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.Equal(["mcp_call", "message"], second.Types());
    }

    [Fact]
    public async Task StoredResponse_GoesOnOverARestart_AnApprovalThatWaitsIncluded()
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Store:Kind"] = "sqlite", ["Server:DataPath"] = _folder.FullName,
        };
        JsonElement asked, whole;
        await using (var first = await StartAsync(settings: settings))
        {
            var tool = first.Tool("\"require_approval\":\"never\",\"authorization\":\"tok-9431-x\"");
            whole = await first.AskAsync(first.Body("\"Count the jars.\"", tool));
            asked = await first.AskAsync(first.Body(
                "\"Once more.\"", first.Tool(""), $"\"previous_response_id\":\"{whole.Id()}\""));
            Assert.Equal(["mcp_approval_request"], asked.Types());
        }
        foreach (var file in _folder.EnumerateFiles("*.db*"))
        {
            var bytes = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName));
            Assert.DoesNotContain("tok-9431-x", bytes, StringComparison.Ordinal);
        }
        _calls = Rounds - 2;
        await using var second = await StartAsync(settings: settings);
        var request = asked.Item("mcp_approval_request").Id();
        var answer = $$"""[{"type":"mcp_approval_response","approval_request_id":"{{request}}","approve":true}]""";
        var response = await second.AskAsync(second.Body(answer, second.Tool(""), $"\"previous_response_id\":\"{asked.Id()}\""));
        Assert.Equal(["mcp_call", "message"], response.Types());
        Assert.Equal(0, second.Tools.Lists); // the list is in what was stored
        Assert.Equal("SEVEN JARS STAND THERE", Text(response));
    }

    private Task<ToolHouse> StartAsync(Action<IServiceCollection>? configure = null, Dictionary<string, string?>? settings = null)
    {
        var all = Engine();
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>()) all[key] = value;
        return ToolHouse.StartAsync(null, [Shelf], all, configure);
    }

    private Dictionary<string, string?> Engine() => new(StringComparer.Ordinal)
    {
        ["Engine:ModelPath"] = Model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1",
        ["Engine:Device"] = "cpu", ["Logging:LogLevel:Samovar.Backends"] = "Debug",
    };

    private static async Task<int> CountAsync(ToolHouse house, string input, string more = "")
    {
        var body = $$"""{"model":"calling","input":{{input}},"tools":[{{house.Tool()}}]{{more}}}""";
        using var reply = await house.Server.Http.PostAsync(
            "/v1/responses/input_tokens", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var answer = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;
        Assert.True(reply.IsSuccessStatusCode, answer.ToString());
        return answer.GetProperty("input_tokens").GetInt32();
    }

    private static string Text(JsonElement response) => response.Item("message").GetProperty("content")[0].Str("text")!;

    /// <summary>What each turn of the engine computed, as its log says.</summary>
    private sealed partial class Figures : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(int Prompt, int Cached)> Turns { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 6004 && Ended().Match(formatter(state, exception)) is { Success: true } match)
                Turns.Enqueue((Number(match, 1), Number(match, 2)));
        }

        public void Dispose() { }

        private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

        [GeneratedRegex(@"PromptTokens = (\d+),.*CachedTokens = (\d+)")] private static partial Regex Ended();
    }
}
