using System.Diagnostics;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// The README's lines for Codex, copied: its configuration and its command do small tasks with the model in the box, served as it is by
/// default. What Codex says of it does not count: a client that may not write says "Done", too.
/// </summary>
/// <remarks>Every second task, and with <c>ALL_CLIENTS=1</c> all twelve.</remarks>
[Collection("Codex")] // one engine at a time: each computes Codex's long beginning on all cores
public sealed class CodexReadmeTests(ITestOutputHelper output) : IDisposable
{
    private static readonly CodexTask[] Tasks = [.. CodexTask.All.Where((_, at) => Extent.IsWhole || at % 2 == 1)];
    private static readonly int DoneMin = Tasks.Length - 2; // the date and the folder are part of the prompt, and the model is small
    private const string NewestSwitch = "CODEX_NEWEST";
    private static readonly TimeSpan CodexMax = TimeSpan.FromMinutes(5); // the first computes 12,000 tokens, perhaps on a busy machine
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-codex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task PinnedCodex_DoesSmallTasks_WithTheLinesOfTheReadme() => await TryTasksAsync(isNewest: false);

    [Fact]
    public async Task NewestCodex_DoesSmallTasks_WithTheLinesOfTheReadme()
    {
        var isAsked = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NewestSwitch));
        Assert.SkipUnless(isAsked, $"It is run where {NewestSwitch}=1 is set.");
        await TryTasksAsync(isNewest: true);
    }

    private async Task TryTasksAsync(bool isNewest)
    {
        var programs = await ClientInstall.CodexProgramAsync(isNewest);
        Assert.SkipWhen(programs is null, "npm is missing.");
        var settings = new Dictionary<string, string?> { ["Engine:ModelPath"] = InteropPaths.Pocket };
        await using var server = await RunningServer.StartAsync(null, settings);
        await WriteConfigAsync(server.Address);
        var clock = Stopwatch.StartNew();
        var done = 0;
        foreach (var task in Tasks)
        {
            var folder = Path.Combine(_folder, "work");
            task.Lay(folder);
            var result = await AskAsync(programs!, folder, task.Wish);
            var isDone = task.IsDone(folder);
            if (isDone) done++;
            output.WriteLine($"{(isDone ? "done" : "not done")} after {clock.Elapsed.TotalSeconds:F0} s: {task.Wish}");
            if (!isDone) output.WriteLine(result.Output);
        }
        output.WriteLine($"{done} of {Tasks.Length} done by {(await AskVersionAsync(programs!)).Output}");
        Assert.InRange(done, DoneMin, Tasks.Length);
    }

    /// <summary>The README's lines as they stand there; around them, what would leave the machine is switched off.</summary>
    private async Task WriteConfigAsync(Uri server)
    {
        var config = await ReadmeLines.QuietCodexConfigAsync(server);
        Directory.CreateDirectory(Path.Combine(_folder, ".codex"));
        await File.WriteAllTextAsync(Path.Combine(_folder, ".codex", "config.toml"), config);
    }

    private async Task<CommandResult> AskAsync(string programs, string folder, string wish) => await Commands.TryRunAsync(
        "bash", ["-c", await ReadmeLines.CodexCommandAsync(wish)], CodexMax, EnvironmentOf(programs), folder);

    private Task<CommandResult> AskVersionAsync(string programs) =>
        Commands.TryRunAsync(Path.Combine(programs, "codex"), ["--version"], CodexMax, EnvironmentOf(programs));

    private Dictionary<string, string> EnvironmentOf(string programs) => new()
    {
        ["HOME"] = _folder, ["CODEX_HOME"] = Path.Combine(_folder, ".codex"),
        ["PATH"] = programs + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
    };
}
