using Samovar.Backends;
using Samovar.Cli.Agents;
using Samovar.Cli.Commands;
using Samovar.Cli.Top;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Agents;

/// <summary>What a person who typed a client's command reads when it cannot work.</summary>
public sealed class NoServerTests
{
    private const string Nowhere = "http://127.0.0.1:1/v1";

    [Theory]
    [InlineData(2, "The agent needs a task, in quotes", "agent")]
    [InlineData(2, "The agent needs a task, in quotes", "agent", " ")]
    [InlineData(2, "The task must stand in quotes: samovar agent \"fix the test\".", "agent", "fix", "the", "test")]
    [InlineData(2, "There is no option --frob of 'samovar agent'", "agent", "fix", "--frob")]
    [InlineData(2, "--base-url must be an address such as http://127.0.0.1:8787/v1, not 'localhost:8787'.",
        "agent", "fix", "--base-url", "localhost:8787")]
    [InlineData(2, "--dir: there is no folder '/nowhere'.", "agent", "fix", "--dir", "/nowhere")]
    [InlineData(2, "--key-env: the environment has no variable 'NO_SUCH_KEY'.", "agent", "fix", "--key-env", "NO_SUCH_KEY")]
    [InlineData(1, "Nobody answers at http://127.0.0.1:1/v1: start a server with './samovar up'", "agent", "fix", "--base-url", Nowhere)]
    [InlineData(2, "--server must be an address such as http://127.0.0.1:8787, not 'x'.", "top", "--url", "x")]
    [InlineData(2, "There is no command frobnicate of 'samovar'", "frobnicate")]
    [InlineData(2, "There is no command servee of 'samovar'; did you mean serve?", "servee")]
    [InlineData(2, "'samovar config' needs a command: check.", "config")]
    [InlineData(2, "'samovar connect' needs AGENT: codex, ", "connect")]
    [InlineData(2, "'samovar pull' needs model: owner/name", "pull")]
    [InlineData(2, "There is no AGENT nosuch of 'samovar connect'; there is aider, ", "connect", "nosuch")]
    [InlineData(2, "There is no AGENT claud of 'samovar connect'; did you mean claude?", "connect", "claud")]
    [InlineData(2, "There is no --dialect nosuch; there is openai, samovar, xai.", "edge", "--to", Nowhere, "--dialect", "nosuch")]
    public async Task Command_SaysInOneLine_WhatIsWrong(int status, string expected, params string[] line)
    {
        var error = new StringWriter();
        Assert.Equal(status, await SamovarCommand.RunAsync(line, TimeProvider.System, new Shell(new StringWriter(), error)));
        Assert.StartsWith("samovar: " + expected, Assert.Single(Lines(error)), StringComparison.Ordinal);
    }

    /// <summary>All of them read it in one place, before they ask a server.</summary>
    [Theory]
    [InlineData("abcdefgh\r", 1, null)]
    [InlineData("abcdefgh\n", 1, null)]
    [InlineData("abcd\nefgh", 2, "--key-env SAMOVARS_KEY: a key has visible ASCII characters only.")]
    [InlineData("schlüssel", 2, "--key-env SAMOVARS_KEY: a key has visible ASCII characters only.")]
    [InlineData(" \r\n", 2, "--key-env SAMOVARS_KEY: the key is empty.")]
    public async Task Key_LosesItsLineBreak_AndWhatCanBeNoneIsSaidInOneLine(string key, int status, string? expected)
    {
        const string Root = "http://127.0.0.1:1";
        string[][] commands =
        [
            ["top", "--once", "--server", Root], ["trace", "resp_1", "--server", Root], ["why", "resp_1", "--server", Root],
            ["prefix", "list", "--server", Root], ["cluster", "status", "--server", Root], ["agent", "fix", "--base-url", Nowhere],
        ];
        Environment.SetEnvironmentVariable("SAMOVARS_KEY", key);
        try
        {
            foreach (var command in commands)
            {
                var error = new StringWriter();
                var shell = new Shell(new StringWriter(), error);
                var ended = await SamovarCommand.RunAsync([.. command, "--key-env", "SAMOVARS_KEY"], TimeProvider.System, shell);
                Assert.Equal((command[0], status), (command[0], ended));
                if (status == 2) Assert.Equal("samovar: " + expected, Assert.Single(Lines(error)));
            }
        }
        finally { Environment.SetEnvironmentVariable("SAMOVARS_KEY", null); }
    }

    [Fact]
    public async Task ServerThatWantsAKey_IsToldApart_FromNone()
    {
        var keys = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(keys, """{"tenants":{"alice":["secret"]}}""", TestContext.Current.CancellationToken);
            await using var server = await RunningServer.StartAsync(
                new ScriptedBackend(new IdSource()), new Dictionary<string, string?> { ["Auth:KeyFile"] = keys });
            var url = new Uri(server.Address, "/v1");
            await using var conversation = new Conversation(
                new ConversationSettings(url, null, "m", null, null, null), TimeProvider.System);
            var fault = await Assert.ThrowsAsync<NoServerException>(
                () => conversation.SendAsync([], new ConsoleScreen(TextWriter.Null, colour: false), TestContext.Current.CancellationToken));
            Assert.Equal($"{url} needs a key that it knows: name the variable that holds one with --key-env.", fault.Message);

            var error = new StringWriter();
            using var client = new StatusClient(server.Address, null);
            Assert.Equal(1, await TopCommand.PrintAsync(client, new StringWriter(), error, TestContext.Current.CancellationToken));
            Assert.Contains("needs a key that it knows: name the variable that holds one with --key or --key-env", error.ToString(),
                StringComparison.Ordinal);
        }
        finally { File.Delete(keys); }
    }

    [Fact]
    public async Task Chat_SaysThatNobodyAnswers()
    {
        var settings = new ConversationSettings(new Uri(Nowhere), null, "m", null, null, null);
        var fault = await Assert.ThrowsAsync<NoServerException>(() => ChatCommand.RunAsync(settings, new StringReader("hi\n"),
            new ConsoleScreen(new StringWriter(), colour: false), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.StartsWith("Nobody answers at " + Nowhere, fault.Message, StringComparison.Ordinal);
    }

    private static string[] Lines(StringWriter text) =>
        text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
