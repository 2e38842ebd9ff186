using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Testing;
using Samovar.Tests.Hosting;
using Samovar.Tests.Tidy;

namespace Samovar.Cluster.Tests;

/// <summary>The built-in agent and the shipped model, while nodes die: it does its task as it does with one server that nobody
/// disturbs.</summary>
public sealed class AgentTests(SharedDatabase database) : IClassFixture<SharedDatabase>, IDisposable
{
    private const string Instructions = "You are a coding agent. Use the tools to do the task."; // as the agent's own
    private const string Wish = "Run node test.js and fix what fails.";
    private const int TurnsMax = 20, DeathsMax = 6, DeathsLeast = 3;
    private static readonly (string, string)[] Pocket =
        [("Engine__ModelPath", Path.Combine(SourceTree.Root, "models", "pocket", "pocket.gguf"))];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-agent-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Two, or as many as the variable <c>DYING_SEEDS</c> says: each is most of a minute.</summary>
    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable
        .Range(1, Asked.Number("DYING_SEEDS", 2))
        .Select(static seed => new TheoryDataRow<int>(seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Agent_EndsItsTask_AsWithOneServer_WhileNodesDie(int seed)
    {
        var alone = await AloneAsync();
        Assert.Equal(AgentEnd.Done, alone.End);
        await using var nodes = await DyingNodes.StartAsync(database, seed, DeathsMax, Pocket);
        var spread = await RunAsync(nodes.Balancer.Address);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{nodes.Deaths} deaths, {nodes.Moves} moves, {nodes.Balancer.Connections} connections, {spread.Turns.Count} turns.");
        Assert.True(nodes.Deaths >= DeathsLeast, $"{nodes.Deaths} nodes died.");
        Assert.Equal(alone.End, spread.End);
        Assert.Equal(alone.Files, spread.Files);
        Assert.Equal(alone.Work, spread.Work);
        await RequireStoredAsync(nodes.Alive.Server, spread.Turns);
    }

    /// <summary>What the agent saw completed is stored, each with the one output that it saw, each behind the one before.</summary>
    private static async Task RequireStoredAsync(SharingServer server, List<TurnReport> turns)
    {
        string? before = null;
        foreach (var turn in turns)
        {
            var stored = await server.GetAsync($"/v1/responses/{turn.ResponseId}");
            Assert.True(stored.IsWon, stored.Body.GetRawText());
            Assert.Equal(before, stored.Body.GetProperty("previous_response_id").GetString());
            Assert.Equal(turn.Output.Select(static item => item.GetRawText()),
                stored.Body.GetProperty("output").EnumerateArray().Select(static item => item.GetRawText()));
            before = turn.ResponseId;
        }
        Assert.Equal(turns.Count, turns.Select(static turn => turn.ResponseId).Distinct().Count());
    }

    private async Task<Outcome> AloneAsync()
    {
        await using var server = await database.StartAsync(database.NewAddress(), Pocket);
        return await RunAsync(server.Process.Address);
    }

    private async Task<Outcome> RunAsync(Uri server)
    {
        using var late = new CancellationTokenSource(Samovar.Testing.Soon.Patience);
        var root = _folder.CreateSubdirectory(Path.GetRandomFileName()).FullName;
        foreach (var (name, text) in Files) await File.WriteAllTextAsync(Path.Combine(root, name), text, late.Token);
        await using var conversation = new Conversation(
            new ConversationSettings(new Uri(server, "/v1"), null, "pocket", Instructions, AgentTools.Definitions, null),
            TimeProvider.System);
        var tools = new AgentTools(
            new Workspace(root), new CommandRunner(root, static _ => true, TimeSpan.FromSeconds(60), TimeProvider.System));
        var screen = new Screen();
        var end = await new AgentLoop(conversation, tools, screen, TurnsMax).RunAsync(Wish, late.Token);
        var files = Directory.GetFiles(root).Order(StringComparer.Ordinal)
            .Select(static path => Path.GetFileName(path) + ":\n" + File.ReadAllText(path));
        return new Outcome(end, string.Join('\n', files), screen.Turns);
    }

    private static readonly (string Name, string Text)[] Files =
    [
        ("prices.js", """
            function add(a, b) {
              return a - b;
            }

            module.exports = { add };

            """),
        ("test.js", """
            const { add } = require('./prices');

            if (add(2, 3) === 5) {
              console.log("ok add");
            } else {
              console.log(`FAIL prices.js: add(2, 3) should be 5 but is ${add(2, 3)}`);
              process.exit(1);
            }

            """),
    ];

    /// <param name="End">How the agent's task ended.</param>
    /// <param name="Files">What is in its folder then.</param>
    /// <param name="Turns">Those that ended well.</param>
    private sealed record Outcome(AgentEnd End, string Files, List<TurnReport> Turns)
    {
        /// <summary>What the model asked for and said, one line each.</summary>
        public string Work => string.Join('\n', Turns.SelectMany(static turn => turn.Output).Select(static item =>
            item.GetProperty("type").GetString() == "function_call"
                ? $"{item.GetProperty("name")}({item.GetProperty("arguments")})" : item.GetProperty("content").GetRawText()));
    }

    private sealed class Screen : IAgentScreen
    {
        public List<TurnReport> Turns { get; } = [];

        public void Text(string delta) { }
        public void CallBegins(string name, string arguments) { }
        public void CallEnded(string result) { }

        public void TurnEnded(int turn, TurnReport report)
        {
            Assert.Null(report.Failure);
            Turns.Add(report);
        }
    }
}
