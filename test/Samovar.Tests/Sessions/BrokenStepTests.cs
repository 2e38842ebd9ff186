using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Faults;

namespace Samovar.Tests.Sessions;

/// <summary>Spans are the process's: whoever breaks them must be alone.</summary>
[CollectionDefinition(nameof(BrokenStepTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// Whatever step of a turn or of a session's end throws: the client hears one answer, the lane goes on, and nothing stays counted.
/// </summary>
[Collection(nameof(BrokenStepTests))]
public sealed class BrokenStepTests : IDisposable
{
    private readonly FaultyCore _core = new();

    public static TheoryData<string> StepsOfATurn =>
    [
        "welcome", "ids", "span.sample", "span.begin", "span.end", "store.find", "router", "backend.run", "backend.enumerate",
        "backend.event.0", "backend.event.1", "backend.event.2", "backend.event.3", "backend.event.4", "backend.cancel", "backend.leave",
        "fold", "state.bytes", "state.release", "store.claim", "store.add", "metrics", "requests",
    ];

    public static TheoryData<string> StepsOfAnEnd => ["backend.cancel", "backend.leave", "state.release", "metrics", "requests", "log"];

    [Theory]
    [MemberData(nameof(StepsOfATurn))]
    public async Task BrokenTurn_HasOneAnswer_AndTheNextOneRuns(string step)
    {
        var session = _core.Open();
        var parent = await AnswerAsync(session, Ask.Stored("one").On("a"));
        _core.Fault.Arm(step);
        await AnswerAsync(session, Ask.Stored("two").On("a").After(step == "store.find" ? "resp_of_another" : parent));
        var next = await AnswerAsync(session, Ask.Stored("three").On("a"));
        Assert.NotNull(next ?? await AnswerAsync(session, Ask.Stored("four").On("a")));
        Assert.NotNull(await AnswerAsync(session, Ask.Text("five"))); // another lane
        await EndAsync(session);
    }

    [Theory]
    [InlineData("ids")]
    [InlineData("router")]
    [InlineData("backend.event.2")]
    [InlineData("requests")]
    public async Task BrokenTurn_WhoseLogBreaks_HasOneAnswerAllTheSame(string step)
    {
        var session = _core.Open();
        _core.Fault.Arm(step);
        var answer = AnswerAsync(session, Ask.Text("one"));
        _core.Fault.Arm("log");
        await answer;
        _core.Fault.Arm("none");
        Assert.NotNull(await AnswerAsync(session, Ask.Text("two")));
        await EndAsync(session, mustStrike: false);
    }

    [Theory]
    [MemberData(nameof(StepsOfAnEnd))]
    public async Task BrokenEnd_GivesEverythingBack(string step)
    {
        var session = _core.Open();
        foreach (var lane in new[] { "a", "b", "c" }) await AnswerAsync(session, Ask.Text("one").On(lane));
        var gate = _core.Backend.Gate = new PhaseGate();
        var running = session.Submit(new ClientFrame.Create(Ask.Stored("runs").On("a")))!;
        await Soon.In(gate.Reached);
        var waiting = session.Submit(new ClientFrame.Create(Ask.Stored("waits").On("a")))!;
        _core.Fault.Arm(step);
        await EndAsync(session);
        await Soon.In((await running.Began).Ended);
        await Assert.ThrowsAsync<ApiException>(() => Soon.In(waiting.Began));
    }

    public void Dispose() => _core.Dispose();

    /// <summary>Waits for the one answer: its id when it is a response that completed, null for an error.</summary>
    private static async Task<string?> AnswerAsync(Session session, CreateRequest request)
    {
        try
        {
            var turn = session.Submit(new ClientFrame.Create(request))!;
            var seen = await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token);
            Assert.Equal(1, seen.Types.Count(type => type is "response.completed" or "response.failed"));
            return seen.Status == "completed" ? seen.Id : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private async Task EndAsync(Session session, bool mustStrike = true)
    {
        await Soon.In(session.DisposeAsync().AsTask());
        session.ReleaseLogs(); // as the socket does, when its readers are gone
        await Soon.In(_core.Pipeline.DrainAsync(Soon.Token));
        _core.Histories.Dispose();
        _core.Time.Advance(new ChainOptions().AgeMax);
        await _core.Stored.FindAsync(TenantId.Local, new ResponseId("resp_none"), Soon.Token); // old ones go when somebody looks
        Assert.True(_core.Fault.HasStruck || !mustStrike, "The step was not reached.");
        Assert.Equal((0, 0, 0L, 0L),
            (_core.Pipeline.Running, _core.Sessions.Count, _core.Memory.Budget.Bytes, _core.Retention.Bytes));
        Assert.Equal((0, 0L), (_core.Histories.Count, _core.Histories.Bytes));
        Assert.All(_core.Backend.States, state => Assert.Equal(1, state.Releases));
    }
}
