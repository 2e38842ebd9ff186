using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>What a connection can continue from, and what it has forgotten.</summary>
public sealed class SessionChainTests : IAsyncLifetime
{
    private readonly CoreHouse _house = new();
    private readonly Session _session;
    private CreateRequest? _ran;

    public SessionChainTests() => _session = _house.Sessions.Open(TenantId.Local);

    [Fact]
    public async Task ToolLoop_RunsOnMemoryAlone()
    {
        var seen = await SendAsync(Ask.Text("[[steps=3]][[final=done]]").With(Ask.Shell));
        for (var step = 0; step < 3; step++) seen = await SendAsync(Ask.For(Ask.Output(seen.CallId)).After(seen.Id).With(Ask.Shell));
        Assert.Equal("done", seen.Text);
        Assert.Equal(0, _house.Stored.Count);
    }

    [Fact]
    public async Task OlderResponse_IsForgotten_UnlessItIsStored()
    {
        var first = await SendAsync(Ask.Text("one"));
        var second = await SendAsync(Ask.Text("two").After(first.Id));
        await NotFoundAsync(Ask.Text("again").After(first.Id));
        Assert.Equal("completed", (await SendAsync(Ask.Text("three").After(second.Id))).Status); // another id's failure evicts nothing

        var stored = await SendAsync(Ask.Stored("one"));
        await SendAsync(Ask.Text("two").After(stored.Id));
        Assert.Equal("completed", (await SendAsync(Ask.Text("again").After(stored.Id))).Status);
    }

    [Fact]
    public async Task OtherConnection_SeesOnlyWhatIsStored()
    {
        var memory = await SendAsync(Ask.Text("one"));
        var stored = await SendAsync(Ask.Stored("two"));
        await using var other = _house.Sessions.Open(TenantId.Local);
        Assert.Equal("completed", (await CoreHouse.SendAsync(other, Ask.Text("more").After(stored.Id), Soon.Token)).Status);
        await NotFoundAsync(Ask.Text("more").After(memory.Id), other);
        await using var foreign = _house.Sessions.Open(new TenantId("other"));
        await NotFoundAsync(Ask.Text("more").After(stored.Id), foreign);
    }

    [Fact]
    public async Task WhatWasNotToBeStored_IsNotStored_BecauseAChildIs()
    {
        var hidden = await SendAsync(Ask.Text("[[steps=1]]").With(Ask.Shell));
        var refusal = await RefusedAsync(Ask.For(Ask.Output(hidden.CallId)).SayingStore(true).After(hidden.Id));
        Assert.Equal((Errors.PreviousResponseNotStored, "previous_response_id"), (refusal.Kind, refusal.Param));
        Assert.Equal(Errors.PreviousResponseNotFound.Code, refusal.Kind.Code); // clients know it: they send the whole
        var again = await SendAsync(Ask.Text("[[steps=1]]").With(Ask.Shell));
        var item = Ask.Reference(again.Output[0].GetProperty("id").GetString()!);
        var named = await RefusedAsync(Ask.For(Ask.User("x"), item, Ask.Output(again.CallId)).SayingStore(true));
        Assert.Equal(Errors.ItemNotFound, named.Kind);
        Assert.Equal(0, _house.Stored.Count);

        var stored = await SendAsync(Ask.Stored("one"));
        var aside = await SendAsync(Ask.Text("two").After(stored.Id)); // the other way round nothing private is shown
        Assert.Equal("completed", aside.Status);
        await NotFoundAsync(Ask.Stored("three").After(aside.Id), kind: Errors.PreviousResponseNotStored);
    }

    [Fact]
    public async Task ContinuationThatDoesNotNameStore_InheritsThatNothingIsStored_AndSaysSo()
    {
        var hidden = await SendAsync(Ask.Text("[[steps=2]]").With(Ask.Shell));
        var next = await SendAsync(Ask.For(Ask.Output(hidden.CallId)).With(Ask.Shell).After(hidden.Id).NotSayingStore());
        Assert.Equal("completed", next.Status);
        foreach (var e in next.Events.Where(e => e.TryGetProperty("response", out _)))
            Assert.False(e.GetProperty("response").GetProperty("store").GetBoolean());
        var third = await SendAsync(Ask.For(Ask.Output(next.CallId)).With(Ask.Shell).After(next.Id).NotSayingStore());
        Assert.False(third.Last.GetProperty("store").GetBoolean()); // also where the parent has inherited it
        Assert.Equal(0, _house.Stored.Count);

        var item = Ask.Reference(third.Output[0].GetProperty("id").GetString()!); // what is not stored may name what is not stored
        Assert.Equal("completed", (await SendAsync(Ask.For(Ask.User("x"), item).After(third.Id).NotSayingStore())).Status);
        var stored = await SendAsync(Ask.Text("one").NotSayingStore()); // without a parent the default stands
        Assert.True(stored.Last.GetProperty("store").GetBoolean());
        Assert.True((await SendAsync(Ask.Text("two").After(stored.Id).NotSayingStore())).Last.GetProperty("store").GetBoolean());
        Assert.Equal(2, _house.Stored.Count);
    }

    [Fact]
    public async Task LaneThatGaveWay_SaysSo_AndABareFrameDoesNotStartOverSilently()
    {
        using var house = new CoreHouse(sessions: options => options.RetainedBytesMax = 65_536);
        await using var session = house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendBareAsync(session, Ask.Text(new string('a', 12_000)), Soon.Token);
        var other = await CoreHouse.SendAsync(session, Ask.Text(new string('b', 12_000)).On("side"), Soon.Token);
        Assert.InRange(house.Retention.Bytes, 36_000, 65_536);
        var error = await Assert.ThrowsAsync<ApiException>(() => CoreHouse.SendBareAsync(session, Ask.Text("on"), Soon.Token));
        Assert.Equal(Errors.PreviousResponseNotFound, error.Kind);
        await NotFoundAsync(Ask.Text("on").After(first.Id), session);
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Text("on").After(other.Id).On("side"), Soon.Token)).Status);
        await session.DisposeAsync();
        Assert.Equal(0, house.Retention.Bytes);
    }

    /// <summary>It is in the store: whatever becomes of one frame, the next goes on from there and does not begin anything.</summary>
    [Fact]
    public async Task LaneThatGaveWay_IsGoneOnWith_ByTheBareFrameBehindOneThatWasRefused()
    {
        using var house = new CoreHouse(sessions: options => options.RetainedBytesMax = 65_536);
        await using var session = house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendBareAsync(session, Ask.Stored(new string('a', 12_000)), Soon.Token);
        await CoreHouse.SendAsync(session, Ask.Text(new string('b', 12_000)).On("side"), Soon.Token);
        house.Backend.OnPhase = (_, _, _) => throw new ApiException(Errors.RateLimited, TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ApiException>(() => CoreHouse.SendBareAsync(session, Ask.Text("on"), Soon.Token));
        house.Backend.OnPhase = null;
        var on = await CoreHouse.SendBareAsync(session, Ask.Text("on"), Soon.Token);
        Assert.Equal(first.Id, on.Last.GetProperty("previous_response_id").GetString());
    }

    [Fact]
    public async Task FailedContinuation_ForgetsItsParent()
    {
        var first = await SendAsync(Ask.Text("[[steps=1]]").With(Ask.Shell));
        await RefusedAsync(Ask.For(Ask.Output("call_wrong")).After(first.Id));
        await NotFoundAsync(Ask.For(Ask.Output(first.CallId)).After(first.Id));
    }

    [Fact]
    public async Task ContinuationThatFailsWhileItRuns_ForgetsItsParent_BeforeItSaysSo()
    {
        var first = await SendAsync(Ask.Text("one"));
        _house.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing ? throw new ApiException(Errors.Internal) : default;
        Assert.Equal("failed", (await SendAsync(Ask.Text("two").After(first.Id))).Status);
        _house.Backend.OnPhase = null;
        await NotFoundAsync(Ask.Text("three").After(first.Id));
    }

    [Fact]
    public async Task FailedFork_LeavesItsParentToTheSourceLane()
    {
        var first = await SendAsync(Ask.Text("[[steps=1]]").With(Ask.Shell).On("a"));
        await RefusedAsync(Ask.Text("no output").After(first.Id).On("b"));
        Assert.Equal("completed", (await SendAsync(Ask.For(Ask.Output(first.CallId)).After(first.Id).On("a"))).Status);
    }

    [Fact]
    public async Task RefusalForWantOfRoom_KeepsTheParent()
    {
        var first = await SendAsync(Ask.Text("one"));
        _house.Backend.OnPhase = (_, _, _) => throw new ApiException(Errors.RateLimited, TimeSpan.FromSeconds(1));
        await RefusedAsync(Ask.Text("two").After(first.Id));
        _house.Backend.OnPhase = null;
        Assert.Equal("completed", (await SendAsync(Ask.Text("two").After(first.Id))).Status);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("b", true)]
    public async Task FrameThatCouldNotBeRead_CountsAsAFailedContinuation_OnItsLane(string? lane, bool isKept)
    {
        var first = await SendAsync(Ask.Text("one"));
        _session.NoteRejectedFrame(new LaneId(lane), new ResponseId(first.Id));
        if (isKept) Assert.Equal("completed", (await SendAsync(Ask.Text("two").After(first.Id))).Status);
        else await NotFoundAsync(Ask.Text("two").After(first.Id));
    }

    [Fact]
    public async Task CancelledTurn_IsNoCheckpoint_AndItsParentStays()
    {
        var first = await SendAsync(Ask.Text("one"));
        var gate = new PhaseGate();
        _house.Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : default;
        var running = _session.Submit(new ClientFrame.Create(Ask.Text("two").After(first.Id)))!;
        await Soon.In(gate.Reached);
        Assert.Null(_session.Submit(new ClientFrame.Cancel(LaneId.Default, null)));
        var seen = await SeenEvents.ReadAsync(await running.Began, Soon.Token);
        Assert.Equal("cancelled", seen.Status);
        _house.Backend.OnPhase = null;
        await NotFoundAsync(Ask.Text("three").After(seen.Id));
        Assert.Equal("completed", (await SendAsync(Ask.Text("three").After(first.Id))).Status);
    }

    [Fact]
    public async Task Fork_KeepsItsParent_OnceItBegan_WhateverTheSourceDoes()
    {
        var first = await SendAsync(Ask.Text("one").On("a"));
        var gate = new PhaseGate();
        _house.Backend.OnPhase = (turn, phase, cancelled) =>
            turn.Request.Lane == new LaneId("b") && phase == ScriptPhase.Accepted ? gate.PassAsync(cancelled) : default;
        var fork = _session.Submit(new ClientFrame.Create(Ask.Text("[[final=fork]]").After(first.Id).On("b")))!;
        var log = await Soon.In(fork.Began);
        using var watch = log.Open();
        while (log.NextNumber < 2) Assert.True(await watch.WaitAsync(Soon.Token) && watch.TryRead(out _));
        // response.in_progress: from here on the source may advance
        var source = await SendAsync(Ask.Text("two").After(first.Id).On("a"));
        gate.Open();
        var seen = await SeenEvents.ReadAsync(log, Soon.Token);
        Assert.Equal(("fork", first.Id), (seen.Text, seen.Last.GetProperty("previous_response_id").GetString()));
        Assert.Equal("completed", (await SendAsync(Ask.Text("x").After(seen.Id).On("b"))).Status);
        Assert.Equal("completed", (await SendAsync(Ask.Text("x").After(source.Id).On("a"))).Status);
    }

    [Fact]
    public async Task ForkThatWaitsTooLong_FindsItsParentGone()
    {
        var first = await SendAsync(Ask.Text("one").On("a"));
        var gate = new PhaseGate();
        _house.Backend.OnPhase = (turn, phase, cancelled) =>
            turn.Request.Lane == new LaneId("b") && phase == ScriptPhase.Accepted ? gate.PassAsync(cancelled) : default;
        var busy = _session.Submit(new ClientFrame.Create(Ask.Text("long").On("b")))!;
        await Soon.In(gate.Reached);
        var fork = _session.Submit(new ClientFrame.Create(Ask.Text("fork").After(first.Id).On("b")))!; // looked up when it begins
        await SendAsync(Ask.Text("two").After(first.Id).On("a"));
        gate.Open();
        await SeenEvents.ReadAsync(await Soon.In(busy.Began), Soon.Token);
        Assert.Equal(Errors.PreviousResponseNotFound, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(fork.Began))).Kind);
    }

    [Fact]
    public async Task BareFrames_GoOnWithTheNewestResponse_AndItsSettings()
    {
        _house.Backend.OnPhase = (turn, _, _) =>
        {
            _ran = turn.Request;
            return default;
        };
        var first = await SendBareAsync(
            Ask.Text("[[steps=1]][[final=bye]]").With(Ask.Shell) with { Instructions = "Be kind.", Model = "m", TopK = 7, MinP = 0.25 });
        var second = await SendBareAsync(Ask.For(Ask.Output(first.CallId)) with { Store = true });
        Assert.Equal("bye", second.Text);
        Assert.Equal(first.Id, second.Last.GetProperty("previous_response_id").GetString());
        Assert.Equal("Be kind.", second.Last.GetProperty("instructions").GetString());
        Assert.Equal("exec_command", second.Last.GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.False(second.Last.GetProperty("store").GetBoolean()); // what was private stays private
        Assert.Equal(0, _house.Stored.Count);
        Assert.Equal((7, 0.25), (_ran!.TopK, _ran.MinP));
    }

    [Fact]
    public async Task BareFrame_CanBeSentAgain_AfterAFailure()
    {
        var first = await SendBareAsync(Ask.Text("[[steps=1]][[final=bye]]").With(Ask.Shell));
        await Assert.ThrowsAsync<ApiException>(() => SendBareAsync(Ask.For(Ask.Output("call_wrong"))));
        Assert.Equal("bye", (await SendBareAsync(Ask.For(Ask.Output(first.CallId)))).Text);
    }

    [Fact]
    public async Task ItemReference_IsFound_InTheConnectionsOwnChains()
    {
        var first = await SendAsync(Ask.Text("[[steps=1]][[final=ok]]").With(Ask.Shell));
        var item = first.Output[0].GetProperty("id").GetString()!;
        var again = await SendAsync(Ask.For(Ask.User("[[steps=1]][[final=ok]]"), Ask.Reference(item), Ask.Output(first.CallId)));
        Assert.Equal("ok", again.Text);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _house.Dispose();
    }

    private Task<SeenEvents> SendAsync(CreateRequest request) => CoreHouse.SendAsync(_session, request, Soon.Token);

    private Task<SeenEvents> SendBareAsync(CreateRequest request) => CoreHouse.SendBareAsync(_session, request, Soon.Token);

    private Task<ApiException> RefusedAsync(CreateRequest request) => Assert.ThrowsAsync<ApiException>(() => SendAsync(request));

    private async Task NotFoundAsync(CreateRequest request, Session? session = null, ErrorKind? kind = null)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => CoreHouse.SendAsync(session ?? _session, request, Soon.Token));
        Assert.Equal(kind ?? Errors.PreviousResponseNotFound, error.Kind);
    }
}
