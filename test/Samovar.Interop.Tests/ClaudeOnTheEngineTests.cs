using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// Claude Code itself, set up by <c>samovar connect</c>, in front of the embedded engine: a task of ten steps, twice. Run where
/// <c>CONNECTED_AGENTS</c> names a folder that has it.
/// </summary>
[Collection("Codex")] // one engine at a time
public sealed class ClaudeOnTheEngineTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 10;
    private const double CachedShareMin = 0.95;
    private const string Answer = "ALL DONE";

    // Counts its own runs in a file of the working folder, so that the loop ends because the tool really ran.
    private const string CountingCommand = "n=$(cat .n 2>/dev/null || echo 0); n=$((n+1)); echo $n > .n; printf 'step-%02d ' $n";
    private static readonly TimeSpan TaskMax = TimeSpan.FromMinutes(6);
    private readonly ConnectedHome _home = new();
    private readonly RecordingRequestLog _records = new();
    private readonly KeptRequests _requests = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task TaskOfTenSteps_ReadsNearlyAllFromTheCache_AndSoDoesTheNextSessionsFirstRequest()
    {
        var programs = ConnectedHome.Programs();
        await using var server = await StartAsync(model =>
            ObedientModel.WriteShellLoop(model, "Bash", "command", CountingCommand, $"step-{Steps:00}", Answer));
        await _home.ConnectAsync("claude", server);
        var (trial, requests) = (_records.Records.Count, _requests.All.Count);
        await RunAsync(programs, "Count with the shell.");
        var second = _records.Records.Count;
        File.Delete(Path.Combine(_home.Work, ".n"));
        await RunAsync(programs, "Count once more, with the shell.");
        foreach (var request in _requests.All.Skip(requests)) output.WriteLine($"{request.Method} {request.Path} {request.Body.Length}");
        var shares = _records.Records.Skip(trial).Select(Share).ToList();
        Assert.True(shares.Count >= 2 * (Steps + 1), "The task was not done.");
        Assert.All(shares.Skip(1), share => Assert.InRange(share, CachedShareMin, 1));
        Assert.InRange(shares[second - trial], CachedShareMin, 1);
        await CountsAreThoseOfTheTurnsAsync(server, trial, requests);
    }

    /// <summary>A sub-agent has another system prompt and fewer tools: what it shares is what its prompt begins with.</summary>
    [Fact]
    public async Task SubAgent_IsAThreadOfItsOwn_AndItsParentGoesOnFromTheCache()
    {
        var programs = ConnectedHome.Programs();
        await using var server = await StartAsync(WriteDelegating);
        await _home.ConnectAsync("claude", server);
        var trial = _records.Records.Count;
        await RunAsync(programs, "Let an agent count.");
        var turns = _records.Records.Skip(trial).ToList();
        var shares = turns.Select(Share).ToList();
        var parent = turns[0].Thread;
        Assert.Contains(turns, turn => turn.Thread != parent);
        Assert.InRange(shares[turns.FindLastIndex(turn => turn.Thread == parent)], CachedShareMin, 1);
    }

    /// <summary>Sets an agent to work, which answers at once.</summary>
    private static void WriteDelegating(string model)
    {
        ObedientLine[] lines =
        [
            new("<|act|>",
            [
                "<tool_call>", "\n{\"name\": \"Agent\", ", "\"arguments\": {\"description\": \"count\", ", "\"prompt\": \"say nine\", ",
                "\"subagent_type\": \"general-purpose\", ", "\"run_in_background\": false", "}}\n", "</tool_call>",
            ]),
            new("<|answer|>", ["ALL", " DONE"]),
        ];
        const string choice = "{% set seen = namespace(task=false) %}{% for m in messages %}{% if 'say nine' in (m.content or '') %}"
            + "{% set seen.task = true %}{% endif %}{% endfor %}"
            + "{% if seen.task or messages[-1].role == 'tool' %}{{ '<|answer|>' }}{% else %}{{ '<|act|>' }}{% endif %}";
        ObedientModel.Write(model, lines, choice);
    }

    private Task<RunningServer> StartAsync(Action<string> write)
    {
        var model = Path.Combine(_home.Folder, "obedient.gguf");
        write(model);
        var settings = new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "131072", ["Engine:Streams"] = "2",
        };
        return RunningServer.StartAsync(null, settings, services =>
            services.AddSingleton<IRequestLog>(_records).AddSingleton<IStartupFilter>(_requests));
    }

    private async Task RunAsync(string programs, string task)
    {
        var result = await Commands.TryRunAsync(
            "bash", ["-c", $"claude -p '{task}' --allowedTools Bash,Agent"], TaskMax, _home.EnvironmentOf(programs), _home.Work);
        Assert.True(result.ExitCode == 0 && result.Output.Contains(Answer, StringComparison.Ordinal), result.Output);
    }

    private double Share(RequestRecord turn)
    {
        var share = (double)turn.Usage.CachedTokens / Math.Max(1, turn.Usage.InputTokens);
        output.WriteLine($"{turn.Outcome} {turn.Usage} {share:P1} {turn.Matched} {turn.MissCause} {turn.Thread}");
        return share;
    }

    /// <summary>What <c>count_tokens</c> says of each request is what its turn said that it read.</summary>
    private async Task CountsAreThoseOfTheTurnsAsync(RunningServer server, int trial, int requests)
    {
        var turns = _requests.All.Skip(requests).Where(request => request.Path == "/v1/messages?beta=true").ToList();
        var read = _records.Records.Skip(trial).Select(turn => turn.Usage.InputTokens).ToList();
        Assert.Equal(read.Count, turns.Count);
        for (var at = 0; at < turns.Count; at++)
        {
            using var body = new ByteArrayContent(turns[at].Body);
            body.Headers.ContentType = new("application/json");
            using var answer = await server.Http.PostAsync("/v1/messages/count_tokens?beta=true", body);
            var counted = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(read[at], counted.GetProperty("input_tokens").GetInt32());
        }
    }
}
