using System.Net.WebSockets;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Published clients, unchanged: Codex CLI and app-server, the openai npm SDK, @openai/agents, OpenAI for .NET.</summary>
[Collection("run-all.sh")] // it copies its files at its start, which the other may just read
public class RealClientsTests(ITestOutputHelper output)
{
    private const int Runners = 13;
    private static readonly TimeSpan AllMax = TimeSpan.FromMinutes(25);

    /// <summary>Without <c>ALL_CLIENTS</c> those that are most unlike.</summary>
    public static TheoryData<string, string, int> Ways
    {
        get
        {
            var ways = new TheoryData<string, string, int> { { "with deflate, window kept", "true", 256 }, { "plain", "false", 0 } };
            if (Extent.IsWhole) ways.Add("with deflate, no window", "true", 0);
            return ways;
        }
    }

    /// <remarks>Codex and the agents offer permessage-deflate; the openai SDK does not. The ways differ in what the server agrees
    /// to.</remarks>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task EveryRunner_Passes(string way, string compression, int windows)
    {
        Assert.SkipWhen(InteropPaths.Clients is null, "The clients' runners are not beside this clone (SAMOVAR_SHARED, or ../shared).");
        Assert.SkipWhen((await Commands.TryRunAsync("npm", ["--version"], TimeSpan.FromMinutes(1))).ExitCode != 0, "npm is missing.");
        var settings = new Dictionary<string, string?>
        {
            ["WebSockets:Compression"] = compression,
            ["WebSockets:TakeoverConnectionsMax"] = $"{windows}",
        };
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1", ["CLIENTS"] = CacheFolder() };
        var result = await Commands.TryRunAsync("bash", [Path.Combine(InteropPaths.Clients, "run-all.sh")], AllMax, environment);
        output.WriteLine($"{way}:\n{result.Output}");
        Assert.True(result.ExitCode == 0, $"{way}: exit {result.ExitCode}\n{result.Output}");
        Assert.Equal(Runners, result.Output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task OpenAiSocket_SteersAResponse_AndLetsACallWait()
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = async (turn, phase, ends) => // an answer that goes on until its user says something
            {
                var said = turn.Context.Input[^1].Json.ToString();
                if (phase == ScriptPhase.Speaking && said.Contains("wait", StringComparison.Ordinal))
                    await Task.Delay(Timeout.Infinite, ends);
            },
        };
        await using var server = await RunningServer.StartAsync(backend, new Dictionary<string, string?>
        {
            ["Turns:SteeredItemMax"] = "00:00:00.1",
        });
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1" };
        var result = await Commands.TryRunAsync("node", ["steer.mjs"], TimeSpan.FromMinutes(2), environment, clients);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("ok steer", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BarePythonClient_RunsAToolLoop_SendingOnlyWhatIsNew()
    {
        var python = await InteropPaths.PythonAsync();
        Assert.SkipWhen(python is null, "python3-websockets is missing.");
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        var script = Path.Combine(InteropPaths.Root, "test", "Samovar.Interop.Tests", "bare_client.py");
        var address = new UriBuilder(server.Address) { Scheme = "ws", Path = "/v1/responses" }.Uri.ToString();
        var result = await Commands.TryRunAsync(python, [script, address], TimeSpan.FromMinutes(2));
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal("looked 3 times: INTEROP OK", result.Output.Trim());
    }

    /// <summary>The installed npm packages, kept between runs; outside the repository, whose build settings are not the clients'.</summary>
    private static string CacheFolder()
    {
        var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(caches)) caches = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "samovar", "clients");
    }
}
