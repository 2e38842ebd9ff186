using System.Diagnostics;
using System.Globalization;
using Samovar.Cli.Agents;
using Samovar.Testing;

namespace Samovar.Tests.Agents;

public sealed class AgentToolsTests : IDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
    private readonly string _root = Directory.CreateTempSubdirectory("samovar-tools-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private AgentTools Tools(bool mayRun = true, double seconds = 20) =>
        new(new Workspace(_root), new CommandRunner(_root, _ => mayRun, TimeSpan.FromSeconds(seconds), TimeProvider.System));

    [Fact]
    public async Task Run_ReturnsExitCodeAndBothOutputs()
    {
        var result = await Tools().CallAsync("run", """{"command":"echo out; echo err >&2; exit 3"}""", Cancelled);
        Assert.StartsWith("exit code 3\n", result, StringComparison.Ordinal);
        Assert.Contains("out", result, StringComparison.Ordinal);
        Assert.Contains("err", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DoesNothing_WhenTheUserSaysNo()
    {
        var result = await Tools(mayRun: false).CallAsync("run", """{"command":"touch made"}""", Cancelled);
        Assert.Equal("error: the user did not allow this command", result);
        Assert.False(File.Exists(Path.Combine(_root, "made")));
    }

    [Fact]
    public async Task Run_StopsTheWholeProcessTree_AtItsDeadline()
    {
        var result = await Tools(seconds: 0.2).CallAsync("run", """{"command":"sleep 600 | cat"}""", Cancelled);
        Assert.StartsWith("error: stopped after", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnswersWhenItsShellHasEnded_WhateverGoesOnInTheBackground()
    {
        var tools = Tools(seconds: Soon.Patience.TotalSeconds * 2);
        var result = await Soon.In(tools.CallAsync("run", """{"command":"sleep 1000 & echo $!; exit 3"}""", Cancelled));
        var lines = result.Split('\n');
        Assert.Equal("exit code 3", lines[0]);
        Assert.Contains("is still running", lines[^1], StringComparison.Ordinal);
        using var sleeping = Process.GetProcessById(int.Parse(lines[1], CultureInfo.InvariantCulture)); // it was asked for
        sleeping.Kill();
    }

    [Fact]
    public async Task Run_IsStoppedWithWhatItStarted_AtItsDeadline()
    {
        var result = await Soon.In(Tools(seconds: 1).CallAsync("run", """{"command":"sleep 1000 & echo $!; wait"}""", Cancelled));
        var lines = result.Split('\n');
        Assert.Equal("error: stopped after 1 s", lines[0]);
        await Soon.UntilAsync(() => !IsRunning(int.Parse(lines[1], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\\\\n")]
    public async Task Run_KeepsStartAndEnd_OfWhateverIsSaid(string letter)
    {
        var command = $$"""{"command":"echo begins; head -c 5000000 /dev/zero | tr '\\0' '{{letter}}'; echo; echo ends"}""";
        var result = await Tools(seconds: 100).CallAsync("run", command, Cancelled);
        Assert.StartsWith("exit code 0\nbegins\n", result, StringComparison.Ordinal);
        Assert.EndsWith("\nends", result, StringComparison.Ordinal);
        Assert.InRange(result.Length, 16_000, 17_000);
    }

    private static bool IsRunning(int id)
    {
        try { return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal); }
        catch (IOException) { return false; }
    }

    [Fact]
    public async Task CommandThatCannotStart_IsAnAnswerForTheModel()
    {
        var tools = Tools();
        var tooLong = $$"""{"command":"echo {{new string('a', 3 << 20)}}"}"""; // more than any system passes on
        Assert.StartsWith("error: ", await tools.CallAsync("run", tooLong, Cancelled), StringComparison.Ordinal);
        Directory.Delete(_root, recursive: true);
        Assert.StartsWith("error: ", await tools.CallAsync("run", """{"command":"echo"}""", Cancelled), StringComparison.Ordinal);
        Directory.CreateDirectory(_root);
    }

    [Theory]
    [InlineData("read", "{", "error:")]
    [InlineData("read", "[]", "error: path is missing")]
    [InlineData("read", """{"path":7}""", "error: path is missing")]
    [InlineData("edit", """{"path":"a","old":"b"}""", "error: new is missing")]
    [InlineData("fly", "{}", "error: there is no tool named fly")]
    [InlineData("read", """{"path":"../../etc/passwd"}""", "error: ../../etc/passwd is outside of the folder")]
    public async Task WhatTheModelGetsWrong_IsAnAnswerForTheModel(string name, string arguments, string expected) =>
        Assert.StartsWith(expected, await Tools().CallAsync(name, arguments, Cancelled), StringComparison.Ordinal);
}
