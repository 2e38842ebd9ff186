using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// The agents themselves, set up by <c>samovar connect</c> and by nothing else, do a task with a tool of theirs. They are run where
/// <c>CONNECTED_AGENTS</c> names a folder that has them: a codex of this repository's own version is installed beside.
/// </summary>
[Collection("Codex")] // one engine at a time
public sealed class ConnectedAgentsTests(ITestOutputHelper output) : IDisposable
{
    private const string Word = "made-by-the-agent", Answer = "ALL DONE";
    private const string CodexCommand = "codex exec -s workspace-write --skip-git-repo-check 'Make the file.'";
    private const int DoneMin = 10; // of twelve, as with Codex's own
    private static readonly TimeSpan AgentMax = TimeSpan.FromMinutes(4);
    private readonly ConnectedHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task PinnedCodex_IsConnected()
    {
        ConnectedHome.Programs();
        var programs = await ClientInstall.CodexProgramAsync(isNewest: false);
        Assert.SkipWhen(programs is null, "npm is missing.");
        await TryAsync("codex", "exec_command", "cmd", programs!, CodexCommand, isSocket: true);
    }

    [Theory]
    [InlineData("codex", "exec_command", "cmd", CodexCommand, true)]
    [InlineData("claude", "Bash", "command", "claude -p 'Make the file.' --allowedTools Bash", false)]
    [InlineData("opencode", "bash", "command", "opencode run 'Make the file.'", false)]
    [InlineData("pi", "bash", "command", "pi -p 'Make the file.'", false)]
    [InlineData("cline", "run_commands", "commands", "cline --auto-approve true 'Make the file.'", false)]
    [InlineData("continue", "Bash", "command", "cn -p 'Make the file.' --auto", false)]
    public async Task NewestAgent_IsConnected(string agent, string tool, string parameter, string command, bool isSocket)
    {
        await TryAsync(agent, tool, parameter, ConnectedHome.Programs(), command, isSocket);
    }

    /// <summary>With the catalogue's instructions and tools in place of Codex's own.</summary>
    [Fact]
    public async Task PinnedCodex_DoesSmallTasks_WithTheModelInTheBox()
    {
        ConnectedHome.Programs();
        var programs = await ClientInstall.CodexProgramAsync(isNewest: false);
        Assert.SkipWhen(programs is null, "npm is missing.");
        await using var server = await RunningServer.StartAsync(
            null, new Dictionary<string, string?> { ["Engine:ModelPath"] = InteropPaths.Pocket });
        await _home.ConnectAsync("codex", server);
        var done = 0;
        foreach (var task in CodexTask.All)
        {
            var folder = _home.Work;
            task.Lay(folder);
            string[] arguments = ["exec", "-s", "workspace-write", "--skip-git-repo-check", task.Wish];
            var result = await Commands.TryRunAsync(
                Path.Combine(programs!, "codex"), arguments, AgentMax, _home.EnvironmentOf(programs!), folder);
            if (task.IsDone(folder)) done++;
            else output.WriteLine($"not done: {task.Wish}\n{result.Output}");
        }
        output.WriteLine($"{done} of {CodexTask.All.Length} done");
        Assert.InRange(done, DoneMin, CodexTask.All.Length);
    }

    private async Task TryAsync(string agent, string tool, string parameter, string programs, string command, bool isSocket)
    {
        var requests = new RecordingRequestLog();
        await using var server = await EngineAsync(requests, tool, parameter);
        await _home.ConnectAsync(agent, server);
        var work = _home.Work;
        var environment = _home.EnvironmentOf(programs);
        var result = await Commands.TryRunAsync("bash", ["-c", command], AgentMax, environment, work);
        var version = await Commands.TryRunAsync("bash", ["-c", command.Split(' ')[0] + " --version"], AgentMax, environment, work);
        output.WriteLine($"{agent} | {version.Output.Trim().Split('\n')[^1]} | exit {result.ExitCode}");
        foreach (var turn in requests.Records)
        {
            output.WriteLine($"  {turn.Outcome} {turn.ErrorCode} socket={turn.Origin is not null} {turn.Thread} {turn.ClientTurn}");
            output.WriteLine($"    {turn.Usage} {turn.Matched} {string.Join(',', turn.Dropped)}");
        }
        output.WriteLine(result.Output.Length > 4000 ? result.Output[^4000..] : result.Output);
        var made = Path.Combine(work, "made.txt");
        Assert.True(File.Exists(made) && await File.ReadAllTextAsync(made) == Word, "The file was not made.");
        Assert.Contains(requests.Records, turn => turn.Outcome == "completed" && turn.Usage.CachedTokens > turn.Usage.InputTokens / 2);
        Assert.Equal(isSocket, requests.Records.Any(turn => turn.Origin is not null));
    }

    private Task<RunningServer> EngineAsync(RecordingRequestLog requests, string tool, string parameter)
    {
        var model = Path.Combine(_home.Folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, tool, parameter, $"printf {Word} > made.txt; echo finished-7", "finished-7", Answer,
            isList: parameter == "commands");
        var settings = new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "131072", ["Engine:Streams"] = "2",
        };
        return RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(requests));
    }
}
