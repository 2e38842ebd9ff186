using Samovar.Cli.Connect;
using Samovar.Cli.Connect.Setups;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>The home folder of agents that <c>samovar connect</c> and nothing else has set up, and a folder that they work in.</summary>
internal sealed class ConnectedHome : IDisposable
{
    /// <summary>Names a folder that has the agents' programs (<c>node_modules/.bin</c>).</summary>
    private const string FolderVariable = "CONNECTED_AGENTS";

    public string Folder { get; } = Directory.CreateTempSubdirectory("samovar-agents-").FullName;

    public string Work => Directory.CreateDirectory(Path.Combine(Folder, "work")).FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>The folder with the agents; the test is skipped where there is none.</summary>
    public static string Programs()
    {
        var programs = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(programs), $"It is run where {FolderVariable} names a folder that has the agents.");
        return programs!;
    }

    public async Task ConnectAsync(string agent, RunningServer server)
    {
        var home = new AgentHome(new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = Folder });
        await using var said = new StringWriter();
        var wish = new ConnectWish(AgentSetups.All.First(one => one.Name == agent), null, IsDefault: false, HasCatalogueFile: false)
        {
            IsAgreed = true,
        };
        var connected = await new ConnectRun(home, TimeProvider.System, TextReader.Null, said, said)
            .ConnectAsync(wish, server.Address, null, TestContext.Current.CancellationToken);
        Assert.True(connected == 0, said.ToString());
    }

    /// <summary>What would leave the machine is switched off.</summary>
    public Dictionary<string, string> EnvironmentOf(string programs) => new()
    {
        ["HOME"] = Folder, ["CODEX_HOME"] = Path.Combine(Folder, ".codex"), ["XDG_CONFIG_HOME"] = Path.Combine(Folder, ".config"),
        ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1", ["DISABLE_AUTOUPDATER"] = "1", ["OPENCODE_DISABLE_AUTOUPDATE"] = "1",
        ["CLAUDE_CONFIG_DIR"] = Path.Combine(Folder, ".claude"), ["DO_NOT_TRACK"] = "1", ["PI_OFFLINE"] = "1",
        ["CONTINUE_TELEMETRY_ENABLED"] = "0", ["CLINE_NO_AUTO_UPDATE"] = "1",
        ["PATH"] = programs + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
    };
}
