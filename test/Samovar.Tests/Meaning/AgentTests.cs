using Samovar.Cli.Agents;

namespace Samovar.Tests.Meaning;

/// <summary>The built-in agent with the shipped model on a real folder with a real failing test: what the README shows.</summary>
public sealed class AgentTests : IDisposable
{
    private const string Instructions = "You are a coding agent. Use the tools to do the task."; // as the agent's own

    private readonly string _root = Directory.CreateTempSubdirectory("samovar-repair-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task FailingTest_IsFixed_WithoutTouchingTheTest()
    {
        Write("prices.js", """
            function add(a, b) {
              return a - b;
            }

            module.exports = { add };
            """);
        var test = Write("test.js", """
            const { add } = require('./prices');

            if (add(2, 3) === 5) {
              console.log("ok add");
            } else {
              console.log(`FAIL prices.js: add(2, 3) should be 5 but is ${add(2, 3)}`);
              process.exit(1);
            }
            """);
        var user = TestContext.Current.CancellationToken;
        await using var server = await PocketServer.StartAsync();
        await using var conversation = new Conversation(
            new ConversationSettings(new Uri(server.Address, "/v1"), null, "pocket", Instructions, AgentTools.Definitions, null),
            TimeProvider.System);
        var runner = new CommandRunner(_root, _ => true, TimeSpan.FromSeconds(60), TimeProvider.System);
        var screen = new Screen();
        var end = await new AgentLoop(conversation, new AgentTools(new Workspace(_root), runner), screen, turnsMax: 20)
            .RunAsync("Run node test.js and fix what fails.", user);
        Assert.Equal(AgentEnd.Done, end);
        Assert.Equal("exit code 0\nok add", await runner.RunAsync("node test.js", user));
        Assert.Equal(test, await File.ReadAllTextAsync(Path.Combine(_root, "test.js"), user));
        Assert.Contains("tests pass", screen.Said, StringComparison.Ordinal);
        AssertOnlyNewTokensWereComputed(screen.Reports);
    }

    /// <summary>Each turn finds all that the one before it read and wrote, but for the last token, which nobody has decoded yet.</summary>
    private static void AssertOnlyNewTokensWereComputed(List<TurnReport> turns)
    {
        Assert.InRange(turns.Count, 4, 20); // run, read, edit, run again, report
        foreach (var (before, now) in turns.Zip(turns.Skip(1)))
            Assert.InRange(now.CachedTokens, before.InputTokens + before.OutputTokens - 1, now.InputTokens);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(_root, name), text + "\n");
        return text + "\n";
    }

    private sealed class Screen : IAgentScreen
    {
        public string Said { get; private set; } = "";
        public List<TurnReport> Reports { get; } = [];

        public void Text(string delta) => Said += delta;
        public void CallBegins(string name, string arguments) { }
        public void CallEnded(string result) { }
        public void TurnEnded(int turn, TurnReport report) => Reports.Add(report);
    }
}
