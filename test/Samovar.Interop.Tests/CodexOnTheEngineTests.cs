using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Engine;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Codex itself in front of the embedded engine: real rendering, real prefill and decode, real shell commands.</summary>
[Collection("Codex")] // one engine at a time: each computes Codex's long beginning on all cores
public sealed class CodexOnTheEngineTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 3;
    private const int Lag = 1; // the token that ended a turn was sampled, but its cell is only computed by the next turn

    private const int HeaderTokens = 8; // a warm-up cannot know whose message comes next: that message's header may be computed again

    // Counts its own runs in a file of the working folder, so that the loop ends because the tool really ran.
    private const string CountingCommand = "n=$(cat .n 2>/dev/null || echo 0); n=$((n+1)); echo $n > .n; printf 'step-%02d ' $n";
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-codex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <param name="hasToolsBehind">
    /// Whether the template writes tools behind the instructions. What Codex may do in its folder comes with the first question, when both
    /// have been warmed.
    /// </param>
    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task AgentLoopOverWebSocket_PrefillsOnlyNewTokens_AfterTheFirstFrame(bool hasToolsBehind)
    {
        Assert.SkipWhen(InteropPaths.Clients is null, "The clients' runners are not beside this clone (SAMOVAR_SHARED, or ../shared).");
        Assert.SkipWhen(await ClientInstall.CodexAsync() is null, "npm is missing.");
        var model = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "exec_command", "cmd", CountingCommand, $"step-{Steps:00}", "INTEROP OK",
            hasToolsBehind: hasToolsBehind);
        var requests = new RecordingRequestLog();
        var settings = new Dictionary<string, string?> { ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "65536",
            ["Engine:Streams"] = "2" };
        await using var server = await RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(requests));
        var result = await RunCodexAsync(server.Address);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        AssertOnlyNewTokensWerePrefilled(requests.Records);
        var counters = server.Services.GetRequiredService<ISequenceEngine>().Counters;
        output.WriteLine($"prefilled in all: {counters.PrefilledTokens}");
        // Codex does not wait for a slow warm-up; what that one computed counts all the same: no token is ever computed twice.
        var again = requests.Records[^2].Usage.InputTokens - requests.Records[^1].Usage.CachedTokens; // by the turn that is rendered whole
        Assert.InRange(counters.PrefilledTokens, 1, requests.Records[^1].Usage.InputTokens + again + requests.Records.Count * Lag);
    }

    private void AssertOnlyNewTokensWerePrefilled(IReadOnlyList<RequestRecord> turns)
    {
        Assert.Equal(1 + Steps + 1, turns.Count); // the warm-up, a call per step, the answer
        // The model's template looks for the last step in what a tool said: that turn is not like the others, and rendered whole.
        for (var turn = 1; turn < turns.Count - 1; turn++)
        {
            var (before, now) = (turns[turn - 1].Usage, turns[turn].Usage);
            var (prefilled, fresh) = (now.InputTokens - now.CachedTokens, now.InputTokens - before.InputTokens - before.OutputTokens);
            output.WriteLine($"turn {turn}: input {now.InputTokens}, cached {now.CachedTokens}, prefilled {prefilled}, new {fresh}");
            Assert.InRange(prefilled, 1, fresh + (turn == 1 ? HeaderTokens : Lag));
        }
    }

    private static async Task<CommandResult> RunCodexAsync(Uri server)
    {
        var environment = new Dictionary<string, string>
        {
            ["BASE_URL"] = $"{server}v1", ["TRANSPORT"] = "ws", ["MODEL"] = "stub-model", ["STEPS"] = $"{Steps}", ["TIMEOUT_S"] = "300",
        };
        return await Commands.TryRunAsync("node", ["exec.mjs"], TimeSpan.FromMinutes(6), environment, await ClientInstall.CodexAsync());
    }
}
