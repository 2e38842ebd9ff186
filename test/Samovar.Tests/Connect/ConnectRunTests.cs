using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect;
using Samovar.Cli.Connect.Setups;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Tests.Prefixes;

namespace Samovar.Tests.Connect;

/// <summary><c>samovar connect</c>: what it writes, asks, tries and takes back.</summary>
public sealed class ConnectRunTests : IDisposable
{
    private const string Key = "sk-a";
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("samovar-connect-");
    private readonly StringWriter _said = new();

    public void Dispose()
    {
        foreach (var file in _home.EnumerateFiles("*", SearchOption.AllDirectories)) file.IsReadOnly = false;
        _home.Delete(recursive: true);
        _said.Dispose();
    }

    public static TheoryData<string, string, string> Agents => new()
    {
        { "codex", ".codex/config.toml", "Responses over a WebSocket" },
        { "claude", ".claude/settings.json", "Messages over HTTP" },
        { "opencode", ".config/opencode/opencode.json", "Responses over HTTP" },
        { "pi", ".pi/agent/models.json", "Responses over HTTP" },
        { "cline", ".cline/data/settings/providers.json", "Chat Completions over HTTP" },
        { "aider", ".aider.conf.yml", "Chat Completions over HTTP" },
        { "continue", ".continue/config.yaml", "Chat Completions over HTTP" },
    };

    [Theory, MemberData(nameof(Agents))]
    public async Task Agent_IsConnected_Tried_AndTakenBack(string agent, string file, string transport)
    {
        await using var lab = await PrefixLab.StartAsync();
        Assert.Equal(0, await RunAsync(lab.Server, agent));
        var path = Path.Combine(_home.FullName, file);
        var text = await File.ReadAllTextAsync(path, Soon.Token);
        Assert.Contains(lab.Server.Address.GetLeftPart(UriPartial.Authority), text, StringComparison.Ordinal);
        Assert.Contains(Key, text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.DoesNotContain(Key, _said.ToString(), StringComparison.Ordinal);
        Assert.Matches(
            $@"It works: {transport}, model .+, second turn [\d,]+ tokens of input, [1-9][\d,]* of them cached", _said.ToString());
        _said.GetStringBuilder().Clear();
        Assert.Equal(0, await RunAsync(lab.Server, agent));
        Assert.Contains("All of it is there already.", _said.ToString(), StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(path, Soon.Token));
        Assert.Equal(0, Undo(agent));
        Assert.Empty(_home.EnumerateFiles("*", SearchOption.AllDirectories));
        Assert.Equal(1, Undo(agent));
    }

    [Theory]
    [InlineData("codex", ".codex/config.toml", "model = \"mine\"\n[a]\nb = 1")]
    [InlineData("claude", ".claude/settings.json", "{ \"env\": {\"ANTHROPIC_MODEL\":\"mine\"}, \"theme\":\"dark\" }")]
    [InlineData("continue", ".continue/config.yaml", "name: x\nmodels:\n  - name: A\n    provider: openai\n    model: a\n")]
    public async Task WhatWasThere_ComesBackToTheByte(string agent, string file, string text)
    {
        await using var lab = await PrefixLab.StartAsync();
        var path = await WriteAsync(file, text);
        Assert.Equal(0, await RunAsync(lab.Server, agent, wish => wish with { Checks = false }));
        Assert.NotEqual(text, await File.ReadAllTextAsync(path, Soon.Token));
        Assert.Equal(0, await RunAsync(lab.Server, agent, wish => wish with { Checks = false, Model = "other" }));
        Assert.Equal(0, Undo(agent));
        Assert.Equal(text, await File.ReadAllTextAsync(path, Soon.Token));
    }

    [Fact]
    public async Task WhatAnAgentWroteSince_StaysWhenItIsTakenBack()
    {
        await using var lab = await PrefixLab.StartAsync();
        var path = await WriteAsync(".codex/config.toml", "model = \"mine\"\n");
        Assert.Equal(0, await RunAsync(lab.Server, "codex", wish => wish with { Checks = false, IsDefault = true }));
        await File.AppendAllTextAsync(path, "\n[projects.a]\ntrust_level = \"trusted\"\n", Soon.Token);
        Assert.Equal(0, Undo("codex"));
        var text = await File.ReadAllTextAsync(path, Soon.Token);
        Assert.StartsWith("model = \"mine\"\n", text, StringComparison.Ordinal);
        Assert.EndsWith("[projects.a]\ntrust_level = \"trusted\"\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("samovar", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task AnotherDefault_Stays_UntilItIsToldTo()
    {
        await using var lab = await PrefixLab.StartAsync();
        await WriteAsync(".codex/config.toml", "model = \"mine\"\n");
        Assert.Equal(0, await RunAsync(lab.Server, "codex", wish => wish with { Checks = false }));
        Assert.Contains("codex -p samovar", _said.ToString(), StringComparison.Ordinal);
        Assert.Contains("model_provider = \"samovar\"", await ReadAsync(".codex/samovar.config.toml"), StringComparison.Ordinal);
        Assert.StartsWith("model = \"mine\"\n", await ReadAsync(".codex/config.toml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_AndPrinting_WriteNothing()
    {
        await using var lab = await PrefixLab.StartAsync();
        Assert.Equal(1, await RunAsync(lab.Server, "codex", wish => wish with { IsAgreed = false }, "n\n"));
        Assert.Equal(1, await RunAsync(lab.Server, "codex", wish => wish with { IsAgreed = false }, ""));
        Assert.Equal(0, await RunAsync(lab.Server, "codex", wish => wish with { OnlyPrints = true }));
        Assert.Contains("+ [model_providers.samovar]", _said.ToString(), StringComparison.Ordinal);
        Assert.Empty(_home.EnumerateFileSystemInfos());
        Assert.Equal(0, await RunAsync(lab.Server, "codex", wish => wish with { IsAgreed = false, Checks = false }, "y\n"));
    }

    [Theory]
    [InlineData("codex", ".codex/config.toml", "what is this", "config.toml: line 1 is no TOML")]
    [InlineData("claude", ".claude/settings.json", "{", "settings.json: line")]
    [InlineData("pi", ".pi/agent/settings.json", "[]", "settings.json: it is no JSON object")]
    public async Task BrokenFile_IsASentence_AndNothingIsWritten(string agent, string file, string text, string named)
    {
        await using var lab = await PrefixLab.StartAsync();
        await WriteAsync(file, text);
        var fault = await Assert.ThrowsAsync<UsageException>(() => RunAsync(lab.Server, agent));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.Equal(text, await ReadAsync(file));
        Assert.Single(_home.EnumerateFiles("*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ReadOnlyFile_Folder_AndLinks()
    {
        await using var lab = await PrefixLab.StartAsync();
        var path = await WriteAsync(".claude/settings.json", "{}");
        new FileInfo(path).IsReadOnly = true;
        Assert.Contains("is read-only", await FaultAsync(lab.Server, "claude"), StringComparison.Ordinal);
        Assert.Equal("{}", await ReadAsync(".claude/settings.json"));
        Directory.CreateDirectory(Path.Combine(_home.FullName, ".aider.conf.yml"));
        Assert.Contains("is a folder", await FaultAsync(lab.Server, "aider"), StringComparison.Ordinal);
        var real = await WriteAsync("dotfiles/opencode.json", "{\"theme\":\"x\"}");
        Directory.CreateDirectory(Path.Combine(_home.FullName, ".config", "opencode"));
        var link = Path.Combine(_home.FullName, ".config", "opencode", "opencode.json");
        File.CreateSymbolicLink(link, real);
        Assert.Equal(0, await RunAsync(lab.Server, "opencode", wish => wish with { Checks = false }));
        Assert.NotNull(File.ResolveLinkTarget(link, returnFinalTarget: false));
        Assert.Contains("samovar", await ReadAsync("dotfiles/opencode.json"), StringComparison.Ordinal);
        Assert.Equal(0, Undo("opencode"));
        Assert.Equal("{\"theme\":\"x\"}", await ReadAsync("dotfiles/opencode.json"));
    }

    [Fact]
    public async Task NamedKey_StaysOutOfFilesThatCanNameIt()
    {
        await using var lab = await PrefixLab.StartAsync();
        foreach (var (agent, file, named) in ((string, string, string)[])[
            ("codex", ".codex/config.toml", "env_key = \"MY_KEY\""), ("opencode", ".config/opencode/opencode.json", "{env:MY_KEY}"),
            ("pi", ".pi/agent/models.json", "\"$MY_KEY\"")])
        {
            Assert.Equal(0, await RunAsync(lab.Server, agent, wish => wish with { KeyName = "MY_KEY", Checks = false }));
            var text = await ReadAsync(file);
            Assert.Contains(named, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Environment_IsPrinted_AndNoKeyWithIt()
    {
        await using var lab = await PrefixLab.StartAsync();
        Assert.Equal(0, await RunAsync(lab.Server, "env"));
        var address = lab.Server.Address.GetLeftPart(UriPartial.Authority);
        Assert.Contains($"export OPENAI_BASE_URL='{address}/v1'", _said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongKey_AndNoServer_AreSentences_BeforeAnythingIsWritten()
    {
        await using var lab = await PrefixLab.StartAsync();
        var wish = new ConnectWish(Setup("codex"), null, false, false) { IsAgreed = true };
        Assert.Contains("needs a key", (await Assert.ThrowsAsync<NoServerException>(
            () => Run("").ConnectAsync(wish, lab.Server.Address, "sk-wrong", Soon.Token))).Message, StringComparison.Ordinal);
        Assert.Contains("Nobody answers", (await Assert.ThrowsAsync<NoServerException>(
            () => Run("").ConnectAsync(wish, new Uri("http://127.0.0.1:1"), null, Soon.Token))).Message, StringComparison.Ordinal);
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    private ConnectRun Run(string typed) => new(
        new AgentHome(new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = _home.FullName }),
        TimeProvider.System, new StringReader(typed), _said, _said);

    private static AgentSetup Setup(string agent) => AgentSetups.All.First(one => one.Name == agent);

    private Task<int> RunAsync(RunningServer server, string agent, Func<ConnectWish, ConnectWish>? other = null, string typed = "")
    {
        var wish = new ConnectWish(Setup(agent), null, IsDefault: false, HasCatalogueFile: false) { IsAgreed = true, Checks = true };
        return Run(typed).ConnectAsync(other?.Invoke(wish) ?? wish, server.Address, Key, Soon.Token);
    }

    private async Task<string> FaultAsync(RunningServer server, string agent) =>
        (await Assert.ThrowsAsync<UsageException>(() => RunAsync(server, agent))).Message;

    private int Undo(string agent) => Run("").Undo(
        new ConnectWish(Setup(agent), null, false, false) { IsAgreed = true }, CancellationToken.None);

    private async Task<string> WriteAsync(string file, string text)
    {
        var path = Path.Combine(_home.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, Soon.Token);
        return path;
    }

    private Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(_home.FullName, file), Soon.Token);
}
