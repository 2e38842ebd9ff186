using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Codex itself through several compactions of one task, each made by the server because Codex asked it to.</summary>
[Collection("Codex")] // one engine at a time: each computes Codex's long beginning on all cores
public sealed class CodexCompactionTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 14;
    private const int CompactionsMin = 3;
    private const int HeadMax = 4096; // tokens behind Codex's own start: messages, notes, the newest call

    // Counts its own runs in a file of the working folder, and says enough to fill a context.
    private const string Command = "n=$(cat .n 2>/dev/null || echo 0); n=$((n+1)); echo $n > .n; seq -s ' ' 1 250; printf 'step-%02d ' $n";
    private static readonly TimeSpan CodexMax = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-codex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Task_IsDoneThroughThreeCompactions_OnTheEngine(bool isWebSocket)
    {
        var programs = await ProgramsAsync();
        var requests = new RecordingRequestLog();
        await using var server = await EngineAsync(requests);
        await DoTaskAsync(programs, server.Address, isWebSocket, requests);
        AssertWarm(requests.Records);
    }

    /// <summary>Each protocol; with <c>ALL_CLIENTS</c> over HTTP, too, what a WebSocket carries.</summary>
    public static TheoryData<string, string?> Upstreams
    {
        get
        {
            var kinds = new TheoryData<string, string?> { { "chat", "vllm" }, { "messages", null }, { "responses-ws", null } };
            if (!Extent.IsWhole) return kinds;
            kinds.Add("responses-http", "vllm");
            kinds.Add("responses-http", null);
            return kinds;
        }
    }

    /// <summary>The upstream is another Samovar with the engine: it plays each protocol, and in its own it gets the trigger.</summary>
    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task Task_IsDoneThroughThreeCompactions_OverAnUpstream(string kind, string? dialect)
    {
        var programs = await ProgramsAsync();
        await using var engine = await EngineAsync(new RecordingRequestLog());
        var requests = new RecordingRequestLog();
        var settings = new Dictionary<string, string?>
        {
            ["Upstream:Pools:0:Name"] = "p",
            ["Upstream:Pools:0:Destinations:0:Name"] = "engine",
            ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
            ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = $"{engine.Address}v1",
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "*",
            ["Compaction:RecentBytesMax"] = "2048",
        };
        await using var server = await RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(requests));
        await DoTaskAsync(programs, server.Address, isWebSocket: true, requests);
        var isPassedOn = kind.StartsWith("responses", StringComparison.Ordinal) && dialect is null;
        Assert.All(requests.Records.Where(static turn => turn.Compaction is not null),
            turn => Assert.Equal(isPassedOn, turn.Compaction == "upstream"));
    }

    private static async Task<string> ProgramsAsync()
    {
        var programs = await ClientInstall.CodexProgramAsync(isNewest: false);
        Assert.SkipWhen(programs is null, "npm is missing.");
        return programs!;
    }

    private Task<RunningServer> EngineAsync(RecordingRequestLog requests)
    {
        var model = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "exec_command", "cmd", Command, $"step-{Steps:00}", "INTEROP OK");
        var settings = new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "131072", ["Engine:Streams"] = "2",
            ["Compaction:RecentBytesMax"] = "2048", // as Codex's limit here: far below what either has by default
        };
        return RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(requests));
    }

    private async Task DoTaskAsync(string programs, Uri server, bool isWebSocket, RecordingRequestLog requests)
    {
        var result = await RunAsync(programs, server, isWebSocket);
        output.WriteLine(result.Output);
        foreach (var record in requests.Records) output.WriteLine($"{record.Compaction} {record.ErrorCode} {record.Usage}");
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("INTEROP OK", result.Output, StringComparison.Ordinal);
        Assert.Equal($"{Steps}", (await File.ReadAllTextAsync(Path.Combine(_folder, "work", ".n"))).Trim());
        Assert.InRange(requests.Records.Count(static turn => turn.Compaction is not null), CompactionsMin, Steps);
    }

    private static void AssertWarm(IReadOnlyList<RequestRecord> turns)
    {
        for (var at = 1; at < turns.Count; at++)
            if (turns[at - 1].Compaction is not null)
                Assert.InRange(turns[at].Usage.InputTokens - turns[at].Usage.CachedTokens, 1, HeadMax); // its own start is still there
    }

    /// <summary>The name of the provider is what makes Codex ask for a compaction rather than for a summary.</summary>
    private async Task<CommandResult> RunAsync(string programs, Uri server, bool isWebSocket)
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        var work = Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName;
        await File.WriteAllTextAsync(Path.Combine(home, "config.toml"), string.Create(CultureInfo.InvariantCulture, $"""
            model = "stub-model"
            model_provider = "x"
            model_auto_compact_token_limit = 26000
            model_context_window = 131072
            check_for_update_on_startup = false
            web_search = "disabled"
            [analytics]
            enabled = false
            [features]
            plugins = false
            apps = false
            [model_providers.x]
            name = "OpenAI"
            base_url = "{server}v1"
            wire_api = "responses"
            supports_websockets = {(isWebSocket ? "true" : "false")}
            """));
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder, ["CODEX_HOME"] = home,
            ["PATH"] = programs + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
        };
        string[] arguments = ["exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-C", work,
            "Count until the counter says that it is enough."];
        return await Commands.TryRunAsync(Path.Combine(programs, "codex"), arguments, CodexMax, environment);
    }
}
