using Samovar.Cli.Agents;

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
