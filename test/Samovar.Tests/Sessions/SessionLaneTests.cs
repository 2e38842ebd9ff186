using System.Collections.Concurrent;
using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Sessions;

/// <summary>Lanes: first in, first out in each, beside one another, within the connection's bounds.</summary>
public sealed class SessionLaneTests : IAsyncLifetime
{
    private const int CollectionsMax = 50;
    private readonly CoreHouse _house = new(sessions: options => (options.QueuedMax, options.QueuedBytesMax) = (64, 100_000));
    private readonly ConcurrentDictionary<string, PhaseGate> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _begun = new();
    private readonly Session _session;

    public SessionLaneTests()
    {
        _session = _house.Sessions.Open(TenantId.Local);
        _house.Backend.OnPhase = (turn, phase, cancelled) =>
        {
            if (phase != ScriptPhase.Begun) return default;
            var key = turn.Request.User ?? "";
            _begun.Enqueue(key);
            return _gates.TryGetValue(key, out var gate) ? gate.PassAsync(cancelled) : default;
        };
    }

    [Fact]
    public async Task OneLane_RunsOneTurnAfterTheOther_InOrder()
    {
        var gate = Gate("0");
        var turns = Enumerable.Range(0, 5).Select(i => Submit($"{i}")).ToList();
        await Soon.In(gate.Reached);
        Assert.Equal(["0"], _begun);
        Assert.Equal((1, 4), (_session.InFlight, _session.Queued));
        gate.Open();
        foreach (var turn in turns) await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token);
        Assert.Equal(["0", "1", "2", "3", "4"], _begun);
        Assert.Equal(0, _session.Queued);
    }

    [Fact]
    public async Task Lanes_RunBesideEachOther()
    {
        var (a, b, main) = (Gate("a"), Gate("b"), Gate("main"));
        var turns = new[] { Submit("a", "a"), Submit("b", "b"), Submit("main") };
        await Soon.In(Task.WhenAll(a.Reached, b.Reached, main.Reached));
        b.Open();
        Assert.Equal("completed", (await SeenEvents.ReadAsync(await Soon.In(turns[1].Began), Soon.Token)).Status);
        Assert.False(turns[0].Began.IsCompleted);
        a.Open();
        main.Open();
        await Soon.In(Task.WhenAll(turns.Select(turn => turn.Began)));
    }

    [Fact]
    public async Task SixteenTurns_RunAtOnce_TheSeventeenthWaits()
    {
        var gates = Enumerable.Range(0, 17).Select(i => Gate($"{i}")).ToList();
        var turns = Enumerable.Range(0, 17).Select(i => Submit($"{i}", $"lane{i}")).ToList();
        var waiting = gates.ToList(); // lanes start in any order
        while (waiting.Count > 1)
        {
            await Soon.In(Task.WhenAny(waiting.Select(gate => gate.Reached)));
            waiting.RemoveAll(gate => gate.Reached.IsCompleted);
        }
        var last = Assert.Single(waiting);
        Assert.Equal((16, 1), (_session.InFlight, _session.Queued));
        gates.First(gate => gate != last).Open();
        await Soon.In(last.Reached);
        foreach (var gate in gates) gate.Open();
        foreach (var turn in turns) await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token);
    }

    [Fact]
    public async Task ThirtyThirdNamedLane_IsRefused_TheOthersStayUsable()
    {
        for (var i = 0; i < 32; i++) await EndAsync(Submit($"{i}", $"lane{i}"));
        var error = Assert.Throws<ApiException>(() => Submit("x", "one-more"));
        Assert.Equal(("websocket_stream_limit_reached", "stream_id"), (error.Kind.Code, error.Param));
        Assert.Equal("completed", (await EndAsync(Submit("x", "lane7"))).Status);
        Assert.Equal("completed", (await EndAsync(Submit("x"))).Status); // the default lane is not counted
    }

    [Fact]
    public async Task TooManyWaitingFrames_AreRefused_AndForgetNothing()
    {
        var gate = Gate("first");
        var first = Submit("first");
        await Soon.In(gate.Reached);
        var waiting = Enumerable.Range(0, 64).Select(i => Submit($"{i}")).ToList();
        var error = Assert.Throws<ApiException>(() => Submit("one more"));
        Assert.Equal((503, TimeSpan.FromSeconds(1)), (error.Kind.Status, error.RetryAfter));
        gate.Open();
        await EndAsync(first);
        foreach (var turn in waiting) await EndAsync(turn);
        Assert.Equal("completed", (await EndAsync(Submit("one more"))).Status);
    }

    [Fact]
    public async Task FramesOfAllConnections_ShareTheirMemory_UntilTheirTurnsAreOver()
    {
        using var house = new CoreHouse { Memory = new MemoryShares(new MemoryOptions { FramesBytesMax = 1 << 20 }, 1 << 30, 0) };
        var gate = new PhaseGate();
        house.Backend.OnPhase = (turn, _, cancelled) => turn.Request.User == "block" ? gate.PassAsync(cancelled) : default;
        await using var session = house.Sessions.Open(TenantId.Local, flow: new FlowId("one"));
        await using var other = house.Sessions.Open(TenantId.Local, flow: new FlowId("other"));
        var large = Ask.Text(new string('x', 100_000)) with { Bytes = 100_000, User = "block" };
        session.Submit(new ClientFrame.Create(large)); // held as three times its JSON while it runs
        session.Submit(new ClientFrame.Create(large));
        Assert.Equal(Errors.ServerOverloaded, Assert.Throws<ApiException>(() => session.Submit(new ClientFrame.Create(large))).Kind);
        var small = other.Submit(new ClientFrame.Create(Ask.Text("small")))!; // one flow's memory is not another's
        Assert.Equal("completed", (await SeenEvents.ReadAsync(await Soon.In(small.Began), Soon.Token)).Status);
        Assert.Equal(600_000, house.Memory.Frames.BytesOf(new FlowId("one")));
        gate.Open();
        await session.DisposeAsync(); // what waited there never begins
        await other.DisposeAsync();
        Assert.Equal(0, house.Memory.Frames.Share.Bytes);
    }

    [Fact]
    public async Task WaitingBytes_AreBounded_ButOneFrameAlwaysFits()
    {
        var gate = Gate("first");
        Submit("first");
        await Soon.In(gate.Reached);
        var large = Ask.Text(new string('x', 80_000));
        _session.Submit(new ClientFrame.Create(large));
        Assert.Throws<ApiException>(() => _session.Submit(new ClientFrame.Create(large)));
        Submit("small");
        gate.Open();
    }

    [Fact]
    public async Task FailedTurn_LetsTheNextOneRun()
    {
        var gate = Gate("bad");
        var bad = _session.Submit(new ClientFrame.Create(Ask.Text("x").After("resp_x")))!;
        var good = Submit("good");
        await Assert.ThrowsAsync<ApiException>(() => Soon.In(bad.Began));
        Assert.Equal("completed", (await EndAsync(good)).Status);
        gate.Open();
    }

    [Fact]
    public async Task Cancel_EndsTheRunningTurnOfItsLane_AndNoOther()
    {
        var (a, b) = (Gate("a"), Gate("b"));
        var (first, other) = (Submit("a", "a"), Submit("b", "b"));
        var next = Submit("c", "a");
        await Soon.In(Task.WhenAll(a.Reached, b.Reached));
        Assert.Null(_session.Submit(new ClientFrame.Cancel(new LaneId("a"), null)));
        Assert.Equal(Errors.TurnCancelled, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(first.Began))).Kind);
        Assert.Equal("completed", (await EndAsync(next)).Status);
        Assert.False(other.Began.IsCompleted);
        b.Open();
        Assert.Equal("completed", (await EndAsync(other)).Status);
    }

    [Fact]
    public async Task Cancel_RightBehindItsCreate_IsNotLost()
    {
        for (var i = 0; i < 50; i++)
        {
            Gate($"{i}");
            var turn = Submit($"{i}");
            _session.Submit(new ClientFrame.Cancel(LaneId.Default, null));
            Assert.Equal(Errors.TurnCancelled, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key")] // a turn of that name might run already
    public async Task Cancel_EndsATurnThatWaitsForItsPlace_AtOnce(string? key)
    {
        using var house = new CoreHouse(sessions: options => options.InFlightMax = 1);
        var gate = new PhaseGate();
        house.Backend.OnPhase = (turn, phase, cancelled) =>
            phase == ScriptPhase.Begun && turn.Request.User == "a" ? gate.PassAsync(cancelled) : default;
        await using var session = house.Sessions.Open(TenantId.Local);
        var running = session.Submit(new ClientFrame.Create(Ask.Text("hi").On("a") with { User = "a" }))!;
        await Soon.In(gate.Reached);
        var waiting = session.Submit(new ClientFrame.Create(Ask.Text("hi").On("b") with { User = "b", ResumeKey = key }))!;
        var behind = session.Submit(new ClientFrame.Create(Ask.Text("hi").On("b") with { User = "c" }))!;
        Assert.Equal((1, 2), (session.InFlight, session.Queued));
        session.Submit(new ClientFrame.Cancel(new LaneId("b"), null));
        Assert.Equal(Errors.TurnCancelled, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(waiting.Began))).Kind);
        await Soon.UntilAsync(() => session.Queued == 1);
        Assert.Equal((1, false), (session.InFlight, running.Began.IsCompleted));
        Assert.Equal(1, house.Backend.Turns);
        gate.Open();
        Assert.Equal("completed", (await EndAsync(running)).Status);
        Assert.Equal("completed", (await EndAsync(behind)).Status);
        Assert.Equal(2, house.Backend.Turns);
    }

    [Fact]
    public async Task Cancel_OfWhatEndedAlready_OrNeverWas_IsAnErrorOfItsOwn()
    {
        var seen = await EndAsync(Submit("x"));
        Assert.Equal(Errors.NothingToCancel, Refusal(new ResponseId(seen.Id)));
        Assert.Equal(Errors.NothingToCancel, Refusal(null));
        Assert.Equal(Errors.ResponseNotFound, Refusal(new ResponseId("resp_x")));

        ErrorKind Refusal(ResponseId? id) =>
            Assert.Throws<ApiException>(() => _session.Submit(new ClientFrame.Cancel(LaneId.Default, id))).Kind;
    }

    [Fact]
    public async Task ConnectionThatIsGone_EndsItsTurns_AndLeavesNothingBehind()
    {
        var kept = await EndAsync(Submit("kept", "k"));
        var gates = Enumerable.Range(0, 3).Select(i => Gate($"{i}")).ToList();
        var running = Enumerable.Range(0, 3).Select(i => Submit($"{i}", $"lane{i}")).ToList();
        var waiting = Submit("w", "lane0");
        await Soon.In(Task.WhenAll(gates.Select(gate => gate.Reached)));
        await Soon.In(_session.DisposeAsync().AsTask());
        foreach (var turn in running.Append(waiting)) await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        Assert.Equal((0, 0), (_house.Sessions.Count, _house.Pipeline.Running));
        Assert.DoesNotContain("w", _begun);
        Assert.Equal("completed", kept.Status);
        Assert.Throws<ApiException>(() => Submit("late"));
        await _session.DisposeAsync(); // twice is once
    }

    [Fact]
    public async Task ServerThatIsGone_RefusesWhatStillWaits()
    {
        var gate = Gate("0");
        var (running, waiting) = (Submit("0"), Submit("w"));
        await Soon.In(gate.Reached);
        _house.Pipeline.Dispose();
        foreach (var turn in new[] { running, waiting })
            Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
        Assert.DoesNotContain("w", _begun);
        _house.Pipeline.Dispose(); // twice is once
    }

    [Fact]
    public async Task Connection_HasAnAge()
    {
        Assert.False(_session.IsExpired);
        _house.Time.Advance(TimeSpan.FromMinutes(60));
        Assert.True(_session.IsExpired);
        Assert.Equal("websocket_connection_limit_reached", Assert.Throws<ApiException>(() => Submit("late")).Kind.Code);
        await _session.DisposeAsync();
    }

    [Fact]
    public async Task IdleLane_HoldsNoEventsOfTurnsThatAreOver()
    {
        var over = await RunUnseenAsync();
        for (var i = 0; i < 3; i++) await RunUnseenAsync();
        for (var i = 0; i < CollectionsMax && over.TryGetTarget(out _); i++) // a thread that just ended a turn may still hold its frame
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(over.TryGetTarget(out _));
    }

    [Fact]
    public async Task Sessions_AreBounded()
    {
        using var house = new CoreHouse(sessions: options => options.CountMax = 1);
        var first = house.Sessions.Open(TenantId.Local);
        Assert.Equal(Errors.ServerOverloaded, Assert.Throws<ApiException>(() => house.Sessions.Open(TenantId.Local)).Kind);
        await first.DisposeAsync();
        await house.Sessions.Open(TenantId.Local).DisposeAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values) gate.Open();
        await _session.DisposeAsync();
        _house.Dispose();
    }

    private PhaseGate Gate(string key) => _gates[key] = new PhaseGate();

    private LaneReply Submit(string key, string? lane = null) =>
        _session.Submit(new ClientFrame.Create(Ask.Text("hi").On(lane) with { User = key }))!;

    private async Task<WeakReference<EventLog>> RunUnseenAsync() => new((await EndAsync(Submit("unseen"))).Log);

    private static async Task<SeenEvents> EndAsync(LaneReply turn) => await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token);
}
