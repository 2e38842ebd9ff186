using System.Buffers.Binary;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Cli.Agents;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
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

    /// <summary>
    /// Every byte of the answers of ten turns, and of what the agent says for them: minutes, so it runs when it is asked for, with the
    /// variable <c>ALL_CUTS</c>. It writes what it counted.
    /// </summary>
    [Fact]
    public async Task TenTurnsThatAreCut_AtEveryByte_EndAsTheyWould()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("ALL_CUTS") is null, "ALL_CUTS is not set.");
        await Parallel.ForEachAsync(TenTurns, Cancelled, async (task, _) => await CutEverywhereAsync(task));
    }

    private static readonly string[] TenTurns = // of two, two, two, one, one, one and one turns
    [
        "[[steps=1]] [[final=fine]]", "[[steps=1]] [[think=text]] [[final=read]]", "[[steps=1]] [[say=hm]] [[final=seen]]",
        "[[final=ok]]", "[[final=tea is ready]] [[think=text]]", "[[final=Grüße 🍵]]", "[[final=done]] [[think=both]]",
    ];

    private async Task CutEverywhereAsync(string task)
    {
        var backend = new ScriptedBackend(new IdSource());
        await using var server = await RunningServer.StartAsync(backend);
        var hasTools = task.Contains("steps", StringComparison.Ordinal);
        var whole = await RunAsync(server, backend, task, down: null, up: null, hasTools);
        var (downs, ups) = (whole.Down.Length - CloseBytes, whole.Up.Length - CloseBytes);
        for (var at = 0; at < downs; at++) AssertSame(whole, await RunAsync(server, backend, task, down: at, up: null, hasTools), at);
        for (var at = 1; at < ups; at++) AssertSame(whole, await RunAsync(server, backend, task, down: null, up: at, hasTools), at);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{task}: {whole.Turns} turns, {downs} cuts of what came and {ups - 1} of what was sent, 0 faults.");
    }

    /// <summary>Counted in what the engine made: the tokens of all turns are those of a task that nobody cut.</summary>
    [Fact]
    public async Task LoopOnTheEngine_MakesNoTokenTwice_WhereverItIsCut()
    {
        var model = Path.Combine(_root, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "read", "path", "next", "step-1", "LOOP AT ITS END");
        await File.WriteAllTextAsync(Path.Combine(_root, "next"), "step-1", Cancelled);
        var log = new RecordingRequestLog();
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2",
        }, services => services.AddSingleton<IRequestLog>(log));
        var whole = await RunAsync(server, Made, turnsMin: 2, "Read on.", down: null, up: null);
        Assert.Equal((AgentEnd.Done, "LOOP AT ITS END", 2), (whole.End, whole.Said, whole.Turns));
        Assert.True(whole.Tokens > 8);
        foreach (var end in FrameEnds(whole.Down).SkipLast(1))
            AssertSame(whole, await RunAsync(server, Made, turnsMin: 2, "Read on.", end, up: null), end);

        (int, int, long) Made() => (log.Records.Count, log.Records.Count(record => record.Outcome != "completed"),
            log.Records.Sum(record => (long)record.Usage.OutputTokens));
    }

    private const int CloseBytes = 16; // a close frame of either side is no part of a turn

    private static void AssertSame(Outcome whole, Outcome cut, int at)
    {
        Assert.True(cut with { Connections = 1, Down = whole.Down, Up = whole.Up } == whole, $"Cut at {at}: {cut}");
        Assert.True(cut.Connections > 1, $"Nothing was cut at {at}.");
    }

    private Task<Outcome> RunAsync(
        RunningServer server, ScriptedBackend backend, string task, int? down, int? up, bool hasTools = true) =>
        RunAsync(server, () => (backend.Turns, backend.Stopped, 0), turnsMin: 0, task, down, up, hasTools);

    /// <param name="made">What the server has made so far: turns, those that were stopped, tokens.</param>
    /// <param name="turnsMin">Turns that are counted in the end: the last one's record comes behind its last event.</param>
    private async Task<Outcome> RunAsync(
        RunningServer server, Func<(int Turns, int Stopped, long Tokens)> made, int turnsMin, string task, int? down, int? up,
        bool hasTools = true)
    {
        await using var network = new CuttingProxy(server.Address, down, up);
        var before = made();
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
        var late = Soon.Token;
        while (made().Turns - before.Turns < turnsMin)
        {
            late.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        var after = made();
        return new Outcome(
            end, screen.Said, screen.Calls, after.Turns - before.Turns, after.Stopped - before.Stopped, network.Connections)
        {
            Tokens = after.Tokens - before.Tokens,
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
        public long Tokens { get; init; }
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
