using System.Buffers.Binary;
using Samovar.Cli.Agents;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Agents;

/// <summary>Cuts the connection of an agent wherever it can be cut: its task ends as ever, and the server makes nothing twice.</summary>
public sealed class AgentResumeTests : IDisposable
{
    private const string LoopTask = "Look around. [[steps=3]] [[say=hm]] [[final=all seen]]";
    private readonly string _root = Directory.CreateTempSubdirectory("samovar-agent-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task LoopThatIsCut_AtAnyEvent_EndsAsItWould()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        var whole = await RunAsync(server, backend, LoopTask, down: null, up: null);
        Assert.Equal(("hmhmhmall seen", 4, 1), (whole.Said, whole.Turns, whole.Connections));
        var events = FrameEnds(whole.Down);
        Assert.InRange(events.Count, 50, 200);
        foreach (var end in events.SkipLast(1)) // after the last one the task is over
            AssertSame(whole, await RunAsync(server, backend, LoopTask, down: end, up: null), end);
    }

    [Theory]
    [InlineData("[[final=ok]]", 1, false)]
    [InlineData("[[final=tea is ready]] [[think=text]]", 17, false)]
    [InlineData("[[steps=1]] [[final=fine]]", 67, true)]
    public async Task TurnThatIsCut_InItsAnswer_EndsAsItWould(string task, int step, bool hasTools)
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        var whole = await RunAsync(server, backend, task, down: null, up: null, hasTools);
        for (var at = 0; at < whole.Down.Length - CloseBytes; at += step)
            AssertSame(whole, await RunAsync(server, backend, task, down: at, up: null, hasTools), at);
    }

    [Fact]
    public async Task TurnThatIsCut_InWhatItSays_EndsAsItWould()
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        const string task = "[[steps=1]] [[final=ok]]";
        var whole = await RunAsync(server, backend, task, down: null, up: null);
        for (var at = 1; at < whole.Up.Length - CloseBytes; at += 5)
            AssertSame(whole, await RunAsync(server, backend, task, down: null, up: at), at);
    }

    private const int CloseBytes = 16; // a close frame of either side is no part of a turn

    private static void AssertSame(Outcome whole, Outcome cut, int at)
    {
        Assert.True(cut with { Connections = 1, Down = whole.Down, Up = whole.Up } == whole, $"Cut at {at}: {cut}");
        Assert.True(cut.Connections > 1, $"Nothing was cut at {at}.");
    }

    private async Task<Outcome> RunAsync(
        RunningServer server, ScriptedBackend backend, string task, int? down, int? up, bool hasTools = true)
    {
        await using var network = new CuttingProxy(server.Address, down, up);
        var (turns, stopped) = (backend.Turns, backend.Stopped);
        var screen = new RecordingScreen();
        AgentEnd end;
        await using (var conversation = new Conversation(
            new ConversationSettings(
                new Uri(network.Address, "/v1"), null, "default", "You help.", hasTools ? AgentTools.Definitions : null, null),
            TimeProvider.System))
        {
            var tools = new AgentTools(
                new Workspace(_root), new CommandRunner(_root, _ => false, TimeSpan.FromSeconds(5), TimeProvider.System));
            end = await new AgentLoop(conversation, tools, screen, turnsMax: 10).RunAsync(task, Cancelled);
        }
        return new Outcome(end, screen.Said, screen.Calls, backend.Turns - turns, backend.Stopped - stopped, network.Connections)
        {
            Down = network.Down.ToArray(),
            Up = network.Up.ToArray(),
        };
    }

    /// <summary>Where the frames of a server end.</summary>
    private static List<int> FrameEnds(byte[] bytes)
    {
        var ends = new List<int>();
        for (var at = 0; at + 2 <= bytes.Length;)
        {
            if ((bytes[at] & 0x0f) == 8) break;
            at += bytes[at + 1] switch
            {
                126 => 4 + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2)),
                127 => 10 + (int)BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + 2)),
                var small => 2 + small,
            };
            ends.Add(at);
        }
        return ends;
    }

    private sealed record Outcome(AgentEnd End, string Said, string Calls, int Turns, int Stopped, int Connections)
    {
        public byte[] Down { get; init; } = [];
        public byte[] Up { get; init; } = [];
    }

    private sealed class RecordingScreen : IAgentScreen
    {
        public string Said { get; private set; } = "";
        public string Calls { get; private set; } = "";

        public void Text(string delta) => Said += delta;
        public void CallBegins(string name, string arguments) => Calls += $"{name}({arguments})";
        public void CallEnded(string result) { }
        public void TurnEnded(int turn, TurnReport report) { }
    }
}
