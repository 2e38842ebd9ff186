using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// What the README's first screen promises: Codex as it is, configured by the lines that stand there, does a task with the model in the
/// box. Only what would leave the machine is switched off.
/// </summary>
[Collection("Codex")] // one engine at a time: each computes Codex's long beginning on all cores
public sealed class CodexWithPocketTests(ITestOutputHelper output) : IDisposable
{
    private const double CachedShareMin = 0.98; // of a turn's input: Codex's own start is some 12,000 tokens, a turn adds about 100
    private static readonly TimeSpan CodexMax = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-codex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Tasks_AreDoneWithRealCommands_AndTheSecondSessionFindsTheStartOfTheFirst()
    {
        Assert.SkipWhen(InteropPaths.Clients is null, "The clients' runners are not beside this clone (SAMOVAR_SHARED, or ../shared).");
        var codex = await ClientInstall.CodexAsync();
        Assert.SkipWhen(codex is null, "npm is missing.");
        var requests = new RecordingRequestLog();
        var settings = new Dictionary<string, string?> { ["Engine:ModelPath"] = InteropPaths.Pocket, ["Engine:Streams"] = "2" };
        await using var server = await RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(requests));
        var config = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName, "server.cfg");
        await File.WriteAllTextAsync(config, "host = lantern\nport = 8080\n");
        Assert.Contains("8080", await AskAsync(codex!, server.Address, "What is the port in server.cfg?"), StringComparison.Ordinal);
        var first = requests.Records.Count;
        Assert.Contains("9000", await AskAsync(codex!, server.Address, "Set the port in server.cfg to 9000."), StringComparison.Ordinal);
        Assert.Equal("host = lantern\nport = 9000\n", await File.ReadAllTextAsync(config));
        var second = requests.Records.Skip(first).Where(turn => turn.Usage.OutputTokens > 0).ToList(); // Codex may leave a slow warm-up
        Assert.NotEmpty(second);
        foreach (var turn in second)
            Assert.True(turn.Usage.CachedTokens > CachedShareMin * turn.Usage.InputTokens, turn.ToString());
    }

    /// <summary>The last thing that Codex says.</summary>
    private async Task<string> AskAsync(string codex, Uri server, string task)
    {
        var result = await RunAsync(codex, server, task);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        return LastMessage(result.Output);
    }

    private async Task<CommandResult> RunAsync(string codex, Uri server, string task)
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        var config = await ReadmeLines.QuietCodexConfigAsync(server, "web_search = \"disabled\"");
        await File.WriteAllTextAsync(Path.Combine(home, "config.toml"), config);
        var environment = new Dictionary<string, string> { ["HOME"] = _folder, ["CODEX_HOME"] = home };
        string[] arguments = ["exec", "--json", "--ephemeral", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
            "-C", Path.Combine(_folder, "work"), task];
        return await Commands.TryRunAsync(Path.Combine(codex, "node_modules", ".bin", "codex"), arguments, CodexMax, environment);
    }

    private static string LastMessage(string events)
    {
        var said = "";
        foreach (var line in events.Split('\n').Where(line => line.StartsWith('{')))
        {
            var entry = JsonDocument.Parse(line).RootElement;
            if (entry.TryGetProperty("item", out var item) && item.GetProperty("type").GetString() == "agent_message")
                said = item.GetProperty("text").GetString()!;
        }
        return said;
    }
}
