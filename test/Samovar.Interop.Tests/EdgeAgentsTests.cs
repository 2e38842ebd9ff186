using System.Collections.Concurrent;
using Samovar.Backends;
using Samovar.Cli.Connect;
using Samovar.Cli.Connect.Setups;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// Claude Code itself, set up by <c>samovar connect</c> for an edge, does a task of twenty calls; once over a link that is cut at random,
/// of which it hears nothing. It is run where <c>CONNECTED_AGENTS</c> names a folder that has it.
/// </summary>
public sealed class EdgeAgentsTests(ITestOutputHelper output) : IDisposable
{
    private const string FolderVariable = "CONNECTED_AGENTS";
    private const int Calls = 20, CutBytesMax = 6000, WholeBytes = 30_000; // the first request has 20,000
    private static readonly TimeSpan AgentMax = TimeSpan.FromMinutes(4);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-edge-agents-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClaudeCode_DoesItsTask_WithAFewPerCentOfItsBytes(bool isCut)
    {
        var programs = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(programs), $"It is run where {FolderVariable} names a folder that has the agents.");
        var asked = new ConcurrentQueue<int>();
        var backend = new ScriptedBackend(new IdSource()) { OnPhase = (turn, phase, _) => Note(turn, phase, asked) };
        await using var upstream = await RunningServer.StartAsync(backend);
        await using var network = new RandomCuts(
            upstream.Address, seed: 4711, isCut ? CutBytesMax : int.MaxValue, isCut ? WholeBytes : int.MaxValue);
        var said = new StringWriter();
        await using var edge = await EdgeServer.StartAsync(
            network.Address, "samovar", TimeSpan.FromMinutes(1), TextWriter.Synchronized(said), ("Http:KeepAliveInterval", "00:00:10"));
        await ConnectAsync(edge.Address);
        var work = Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName;
        var wish = $"Work. [[steps={Calls}]] [[out=r1500]] [[final=ALL DONE]]";
        var result = await Commands.TryRunAsync(
            "bash", ["-c", $"claude -p '{wish}' --allowedTools Bash"], AgentMax, EnvironmentOf(programs!), work);
        output.WriteLine(said.ToString());
        output.WriteLine($"{backend.Turns} turns, {backend.Stopped} of them left, {network.Cuts} cuts, "
            + $"{EdgeServer.BytesUp(edge)} bytes went up; exit {result.ExitCode}: {result.Output}");
        Assert.True(result.ExitCode == 0 && result.Output.StartsWith("ALL DONE\n", StringComparison.Ordinal), result.Output);
        Assert.DoesNotContain("error", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Enumerable.Range(0, Calls + 1), asked.Order()); // each turn of the task was run once
        Assert.Equal(0, backend.Stopped);
        Assert.InRange(backend.Turns, Calls + 1, 2 * Calls); // it asks for a title and the like besides
        if (isCut) Assert.True(network.Cuts > 2, $"Only {network.Cuts} cuts.");
    }

    /// <summary>Notes of each turn of the task how many results it has; what the agent asks besides offers no tools.</summary>
    private static ValueTask Note(BackendTurn turn, ScriptPhase phase, ConcurrentQueue<int> asked)
    {
        if (phase == ScriptPhase.Begun && turn.Tools.Tools.Count > 0)
            asked.Enqueue(turn.Context.AllItems().Count(static item => item is FunctionCallOutputItem));
        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(Uri server)
    {
        var home = new AgentHome(new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _folder });
        await using var said = new StringWriter();
        var claude = AgentSetups.All.First(one => one.Name == "claude");
        var wish = new ConnectWish(claude, "scripted", IsDefault: false, HasCatalogueFile: false) { IsAgreed = true };
        var connected = await new ConnectRun(home, TimeProvider.System, TextReader.Null, said, said)
            .ConnectAsync(wish, server, null, TestContext.Current.CancellationToken);
        Assert.True(connected == 0, said.ToString());
        output.WriteLine(said.ToString());
    }

    /// <summary>What would leave the machine is switched off.</summary>
    private Dictionary<string, string> EnvironmentOf(string programs) => new()
    {
        ["HOME"] = _folder, ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1", ["DISABLE_AUTOUPDATER"] = "1", ["DO_NOT_TRACK"] = "1",
        ["CLAUDE_CONFIG_DIR"] = Path.Combine(_folder, ".claude"),
        ["PATH"] = programs + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
    };
}
