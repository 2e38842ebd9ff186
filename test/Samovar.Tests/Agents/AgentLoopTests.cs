using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Backends;
using Samovar.Cli.Agents;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Tools;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Agents;

public sealed class AgentLoopTests : IDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
    private readonly string _root = Directory.CreateTempSubdirectory("samovar-agent-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Task_IsDone_SendingOnlyResultsAfterTheFirstFrame()
    {
        var requests = new RecordingRequestLog();
        await using var server = await RunningServer.StartAsync(
            new ScriptedBackend(new IdSource()), configure: services => services.AddSingleton<IRequestLog>(requests));
        await using var conversation = Start(server);
        var screen = new RecordingScreen();
        var end = await Loop(conversation, screen, turnsMax: 10).RunAsync("Look around. [[steps=3]] [[final=all seen]]", Cancelled);
        Assert.Equal(AgentEnd.Done, end);
        Assert.Equal(3, screen.Calls.Count);
        Assert.Equal("all seen", screen.Said);
        Assert.All(screen.Reports.Skip(1), report => Assert.InRange(report.BytesUp, 1, 400)); // no tools, no instructions, no history
        Assert.True(screen.Reports[0].BytesUp > 900);
        Assert.Matches(@"^samovar-agent/[0-9]+\.[0-9]+\.[0-9]+\z", (await requests.NextAsync()).Client);
    }

    [Fact]
    public async Task Conversation_GoesOn_WhenTheServerForgotIt()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var conversation = Start(server);
        var screen = new RecordingScreen();
        await conversation.SendAsync([Conversation.UserMessage("[[final=one]]")], screen, Cancelled);
        var deleted = await server.Http.DeleteAsync(new Uri($"/v1/responses/{conversation.Newest}", UriKind.Relative), Cancelled);
        Assert.True(deleted.IsSuccessStatusCode);
        await using var fork = conversation.Fork(); // a connection of its own, which the lane's memory does not reach
        var report = await fork.SendAsync([Conversation.UserMessage("[[final=two]]")], screen, Cancelled);
        Assert.Null(report.Failure);
        Assert.EndsWith("two", screen.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_StopsAtItsTurns()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var conversation = Start(server);
        var end = await Loop(conversation, new RecordingScreen(), turnsMax: 2).RunAsync("[[steps=9]]", Cancelled);
        Assert.Equal(AgentEnd.TurnsSpent, end);
    }

    [Fact]
    public async Task Agent_ThatGoesInCircles_IsStopped()
    {
        await using var server = await RunningServer.StartAsync(new CirclingBackend());
        await using var conversation = Start(server);
        var screen = new RecordingScreen();
        var end = await Loop(conversation, screen, turnsMax: 40).RunAsync("Look around.", Cancelled);
        Assert.Equal(AgentEnd.Stuck, end);
        Assert.Equal(["list", "list", "list", "list"], screen.Calls); // the fourth equal answer in a row, and no more
    }

    /// <summary>Half a letter, which neither JSON nor UTF-8 can hold, ends no agent, wherever it comes from.</summary>
    [Fact]
    public async Task ResultsWithHalfLetters_AreSent()
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "smiles.txt"), "a" + string.Concat(Enumerable.Repeat("😀", 9000)), Cancelled);
        var backend = new CallingBackend(
            Says.Call(null, "read", """{"path":"smiles.txt"}"""), Says.Call(null, "read", """{"path":"\ud83d"}"""), Says.Words("seen"));
        await using var server = await RunningServer.StartAsync(backend);
        await using var conversation = Start(server);
        var screen = new RecordingScreen();
        Assert.Equal(AgentEnd.Done, await Loop(conversation, screen, turnsMax: 5).RunAsync("Look \ud83d around.", Cancelled));
        Assert.Equal("seen", screen.Said);
    }

    /// <summary>Calls as no good server writes them.</summary>
    [Theory]
    [InlineData(""" "call_id":"c1","arguments":"{}" """, "error: there is no tool named ")]
    [InlineData(""" "call_id":"c1","name":null,"arguments":"{}" """, "error: there is no tool named ")]
    [InlineData(""" "call_id":"c1","name":"list","arguments":{"path":""} """, "(empty)")]
    [InlineData(""" "call_id":"c1","name":"list" """, "(empty)")]
    [InlineData(""" "name":"list","arguments":7 """, "(empty)")]
    public async Task CallsOfOddServers_AreAnswered(string fields, string result)
    {
        var item = $$"""{"type":"function_call",{{fields}}}""";
        await using var upstream = await OddUpstream.StartAsync(item);
        var settings = new ConversationSettings(
            new Uri(upstream.BaseUrl), null, "default", "You help.", AgentTools.Definitions, null);
        await using var conversation = new Conversation(settings, TimeProvider.System);
        var screen = new RecordingScreen();
        Assert.Equal(AgentEnd.TurnsSpent, await Loop(conversation, screen, turnsMax: 2).RunAsync("Look around.", Cancelled));
        Assert.StartsWith(result, screen.Results[0], StringComparison.Ordinal);
    }

    private static Conversation Start(RunningServer server) => new(
        new ConversationSettings(new Uri(server.Address, "/v1"), null, "default", "You help.", AgentTools.Definitions, null),
            TimeProvider.System);

    private AgentLoop Loop(Conversation conversation, RecordingScreen screen, int turnsMax) => new(
        conversation, new AgentTools(new Workspace(_root), new CommandRunner(_root, _ => false, TimeSpan.FromSeconds(5),
            TimeProvider.System)),
        screen, turnsMax);

    /// <summary>A model that looks at the same folder for ever.</summary>
    private sealed class CirclingBackend : IBackend
    {
        public IReadOnlyList<BackendModel> Models => [new("circles", "test", null)];

        public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
        {
            yield return new BackendEvent.Accepted("circles");
            yield return new BackendEvent.FunctionCallStarted("list");
            yield return new BackendEvent.Delta("{}");
            yield return new BackendEvent.ItemDone();
            await Task.CompletedTask;
            yield return new BackendEvent.Finished(Usage.Zero);
        }
    }

    /// <summary>Whose every answer is one item.</summary>
    private sealed class OddUpstream(string item) : SocketUpstream
    {
        public static async Task<OddUpstream> StartAsync(string item)
        {
            var upstream = new OddUpstream(item);
            await upstream.ListenAsync();
            return upstream;
        }

        protected override async Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended)
        {
            var id = $"resp_{seen.Count}";
            await SendAsync(socket, $$$"""{"type":"response.created","response":{"id":"{{{id}}}","model":"m","status":"in_progress"}}""");
            await SendAsync(socket, $$"""{"type":"response.output_item.done","output_index":0,"item":{{item}}}""");
            await SendAsync(socket, $$$"""{"type":"response.completed","response":{"id":"{{{id}}}","status":"completed","output":[]}}""");
            return new SeenResponse(id, [.. seen, item]);
        }
    }

    private sealed class RecordingScreen : IAgentScreen
    {
        public string Said { get; private set; } = "";
        public List<string> Calls { get; } = [];
        public List<string> Results { get; } = [];
        public List<TurnReport> Reports { get; } = [];

        public void Text(string delta) => Said += delta;
        public void CallBegins(string name, string arguments) => Calls.Add(name);
        public void CallEnded(string result) => Results.Add(result);
        public void TurnEnded(int turn, TurnReport report) => Reports.Add(report);
    }
}
