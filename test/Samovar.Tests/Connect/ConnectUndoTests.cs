using System.Text.Json.Nodes;
using Samovar.Cli.Agents;
using Samovar.Testing;

namespace Samovar.Tests.Connect;

/// <summary>Connecting and taking back lose nothing that a user or an agent has written, in whatever order they do it.</summary>
public sealed class ConnectUndoTests
{
    private const string Codex = ".codex/config.toml", Claude = ".claude/settings.json";
    private const string Continue = ".continue/config.yaml", Aider = ".aider.conf.yml";
    private const string Project = "\n[projects.a]\ntrust_level = \"trusted\"\n";

    [Theory]
    [InlineData("codex", Codex, null)]
    [InlineData("codex", Codex, "model = \"mine\"\n")]
    [InlineData("claude", Claude, null)]
    [InlineData("claude", Claude, "{\n  \"env\": {\"ANTHROPIC_MODEL\": \"mine\"}\n}\n")]
    [InlineData("aider", Aider, null)]
    [InlineData("continue", Continue, "name: x\nmodels:\n  - name: A\n")]
    public async Task WhatIsWrittenBetweenTwoConnects_Stays(string agent, string file, string? before)
    {
        await using var home = await ConnectedAgent.StartAsync();
        if (before is not null) home.Write(file, before);
        Assert.Equal(0, await home.ConnectAsync(agent));
        var added = Add(home, file);
        Assert.Equal(0, await home.ConnectAsync(agent, "other"));
        Assert.Contains(added, home.Read(file), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo(agent));
        var text = home.Read(file);
        Assert.Contains(added, text, StringComparison.Ordinal);
        Assert.DoesNotContain("samovar", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
        foreach (var mine in (string[])["mine", "name: A"])
            if (before?.Contains(mine, StringComparison.Ordinal) == true) Assert.Contains(mine, text, StringComparison.Ordinal);
        Assert.Single(home.Files);
        Assert.Equal(1, home.Undo(agent));
    }

    private static string Add(ConnectedAgent home, string file)
    {
        if (file.EndsWith(".json", StringComparison.Ordinal)) home.Replace(file, "{\n  \"env\"", "{\n  \"theme\": \"dark\",\n  \"env\"");
        else home.Write(file, home.Read(file) + (file == Codex ? Project : "theme: dark\n"));
        return file.EndsWith(".json", StringComparison.Ordinal) ? "\"theme\": \"dark\"" : file == Codex ? Project : "theme: dark\n";
    }

    [Fact]
    public async Task WhatWasThere_ComesBackToTheByte_AfterManyConnects()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Codex, "\ufeffmodel = \"mine\"\r\n[a]\r\nb = 1"); // a mark, returns, no end of the last line
        var bytes = await File.ReadAllBytesAsync(home.PathOf(Codex), Soon.Token);
        foreach (var (model, isDefault) in ((string, bool)[])[("m", false), ("n", true), ("m", true), ("n", false)])
            Assert.Equal(0, await home.ConnectAsync("codex", model, isDefault));
        Assert.Single(home.Files, static file => file.Contains("/config.toml.before-samovar-", StringComparison.Ordinal));
        Assert.Equal(0, home.Undo("codex"));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(home.PathOf(Codex), Soon.Token));
        Assert.Equal([Codex], home.Files);
    }

    [Fact]
    public async Task FileThatWasRemoved_ComesBack()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Claude, "{\"theme\":\"x\"}");
        Assert.Equal(0, await home.ConnectAsync("claude"));
        File.Delete(home.PathOf(Claude));
        Assert.Equal(0, await home.ConnectAsync("claude", "other"));
        Assert.Equal(0, home.Undo("claude"));
        Assert.Equal("{\"theme\":\"x\"}", home.Read(Claude));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FileThatBecameALink_OrCeasedToBeOne_IsTakenBack(bool becomesLink)
    {
        await using var home = await ConnectedAgent.StartAsync();
        const string text = "{\"theme\":\"x\"}", kept = "dotfiles/settings.json";
        if (becomesLink) home.Write(Claude, text);
        else Link(home, home.Write(kept, text));
        Assert.Equal(0, await home.ConnectAsync("claude"));
        var connected = home.Read(Claude);
        File.Delete(home.PathOf(Claude));
        if (becomesLink) Link(home, home.Write(kept, connected));
        else home.Write(Claude, connected); // as programs do that replace a file whole
        Assert.Equal(0, home.Undo("claude"));
        Assert.Equal(text, home.Read(Claude));
        Assert.Equal(becomesLink, new FileInfo(home.PathOf(Claude)).LinkTarget is not null);
    }

    private static void Link(ConnectedAgent home, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(home.PathOf(Claude))!);
        File.CreateSymbolicLink(home.PathOf(Claude), target);
    }

    [Fact]
    public async Task FailedWrite_LeavesNothingBehind_AndTakesTheOthersBack()
    {
        await using var home = await ConnectedAgent.StartAsync();
        var path = home.Write(Codex, "model = \"mine\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var other = Directory.CreateDirectory(home.PathOf(".codex/samovar.config.toml.samovar-part"));
        var fault = await Assert.ThrowsAsync<UsageException>(() => home.ConnectAsync("codex"));
        Assert.Contains("cannot be written", fault.Message, StringComparison.Ordinal);
        Assert.Equal("model = \"mine\"\n", home.Read(Codex));
        Assert.Equal([Codex], home.Files);
        if (!OperatingSystem.IsWindows()) Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupRead));
        home.Write(Codex, "model = \"later\"\n");
        other.Delete();
        Assert.Equal(0, await home.ConnectAsync("codex"));
        Assert.Equal(0, home.Undo("codex"));
        Assert.Equal("model = \"later\"\n", home.Read(Codex));
        if (!OperatingSystem.IsWindows()) Assert.True(File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupRead));
    }

    [Fact]
    public async Task FailedWrite_OfWhatWasConnected_LeavesWhatWasKept()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Claude, "{\"theme\":\"x\"}");
        Assert.Equal(0, await home.ConnectAsync("claude"));
        var (files, text) = (home.Files, home.Read(Claude));
        var part = Directory.CreateDirectory(home.PathOf(Claude + ".samovar-part"));
        await Assert.ThrowsAsync<UsageException>(() => home.ConnectAsync("claude", "other"));
        part.Delete();
        Assert.Equal(files, home.Files);
        Assert.Equal(text, home.Read(Claude));
        Assert.Equal(0, home.Undo("claude"));
        Assert.Equal("{\"theme\":\"x\"}", home.Read(Claude));
    }

    [Fact]
    public async Task WhatIsWrittenWhileItAsks_IsNotWrittenOver()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Claude, "{}");
        using var typed = new BusyReader(() => home.Write(Claude, "{\"theme\":\"x\"}"));
        var fault = await Assert.ThrowsAsync<UsageException>(() => home.ConnectAsync("claude", typed: typed));
        Assert.Contains("has been changed meanwhile", fault.Message, StringComparison.Ordinal);
        Assert.Equal("{\"theme\":\"x\"}", home.Read(Claude));
        Assert.Equal([Claude], home.Files);
        Assert.Equal(0, await home.ConnectAsync("claude"));
        using var again = new BusyReader(() => home.Replace(Claude, "\"theme\"", "\"shade\": 1, \"theme\""));
        Assert.Throws<UsageException>(() => home.Undo("claude", again));
        Assert.Contains("\"shade\": 1", home.Read(Claude), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo("claude"));
        Assert.Equal("{\"shade\":1,\"theme\":\"x\"}", JsonNode.Parse(home.Read(Claude))!.ToJsonString());
    }

    [Fact]
    public async Task CopyOfAnotherTime_IsNotWhatItWas()
    {
        await using var home = await ConnectedAgent.StartAsync();
        home.Write(Claude, "{\"theme\":\"x\"}");
        Assert.Equal(0, await home.ConnectAsync("claude"));
        // As an end between keeping and writing leaves it, or a second copy of the folder.
        File.SetLastWriteTimeUtc(home.Write(Claude + ".before-samovar-0123456789abcdef", "{\"theme\":\"old\"}"), DateTime.UnixEpoch);
        Assert.Equal(0, home.Undo("claude"));
        Assert.Equal("{\"theme\":\"x\"}", home.Read(Claude));
        Assert.Equal([Claude], home.Files);
    }

    [Fact]
    public async Task ProfileThatWasWrittenTo_KeepsThat()
    {
        await using var home = await ConnectedAgent.StartAsync();
        const string file = ".codex/samovar.config.toml";
        Assert.Equal(0, await home.ConnectAsync("codex"));
        home.Write(file, home.Read(file) + "model_reasoning_effort = \"high\"\n");
        Assert.Equal(0, await home.ConnectAsync("codex", "other"));
        Assert.Contains("model_reasoning_effort", home.Read(file), StringComparison.Ordinal);
        Assert.Equal(0, home.Undo("codex"));
        Assert.Contains("model_reasoning_effort", home.Read(file), StringComparison.Ordinal);
    }
}
