using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Turns;

/// <summary>How turns end: by deadline, by cancel, by a stopping node, by a store that fails; and what is reported before what.</summary>
public sealed class TurnEndTests : IDisposable
{
    private readonly PhaseGate _gate = new();
    private readonly CoreHouse _house = new();

    [Fact]
    public async Task SlowTurn_Fails_AtItsDeadline()
    {
        HoldAt(ScriptPhase.ItemStarted);
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(_gate.Reached);
        _house.Time.Advance(_house.Turns.DurationMax);
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal(("response.failed", "turn_timed_out"), (seen.Types[^1], seen.ErrorCode));
        await Soon.In(turn.Ended);
        Assert.Equal(1, _house.Backend.Stopped);
    }

    [Fact]
    public async Task TurnThatIsNotAcceptedInTime_IsRefused()
    {
        HoldAt(ScriptPhase.Begun);
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(_gate.Reached);
        _house.Time.Advance(_house.Turns.DurationMax);
        Assert.Equal(Errors.TurnTimedOut, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
    }

    [Fact]
    public async Task RefusalThatIsHeldBack_HoldsNoPlace()
    {
        _house.Backend.OnPhase = (_, phase, _) =>
            phase == ScriptPhase.Begun ? throw new ApiException(Errors.ServerOverloaded, TimeSpan.FromSeconds(1)) : ValueTask.CompletedTask;
        for (var refused = 0; refused < _house.Turns.RefusalsAtOnceMax; refused++)
            await Assert.ThrowsAsync<ApiException>(() => Soon.In(_house.Begin(Ask.Text("hi")).Began));
        var held = _house.Begin(Ask.Text("hi"));
        for (var soon = Soon.Token; _house.Pipeline.Running > 0; soon.ThrowIfCancellationRequested()) await Task.Yield();
        Assert.False(held.Began.IsCompleted);
        await Soon.In(_house.Time.WhenArmed(_house.Turns.RefusalHoldMax));
        _house.Time.Advance(_house.Turns.RefusalHoldMax);
        Assert.Equal(Errors.ServerOverloaded, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(held.Began))).Kind);
        await Soon.In(held.Ended);
    }

    [Fact]
    public async Task CancelThatComesWithTheEnd_GivesTheWarmStateBack()
    {
        using var gone = new CancellationTokenSource();
        _house.Backend.OnPhase = (_, phase, _) =>
        {
            if (phase == ScriptPhase.Finishing) gone.Cancel();
            return default;
        };
        var turn = _house.Begin(Ask.Stored("hi"), turnCancelled: gone.Token);
        Assert.Null(await Soon.In(turn.Ended));
        Assert.Equal(1, Assert.Single(_house.Backend.States.Values).Releases);
    }

    [Fact]
    public async Task BackendThatEndsAfterItWasLeft_GivesTheWarmStateBack()
    {
        _house.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing ? _gate.PassAsync(CancellationToken.None) : default;
        var turn = _house.Begin(Ask.Stored("hi"));
        await Soon.In(_gate.Reached);
        turn.Cancel();
        _house.Time.Advance(_house.Turns.StopMax);
        Assert.Null(await Soon.In(turn.Ended));
        _gate.Open();
        await Soon.In(_house.Pipeline.DrainAsync(CancellationToken.None)); // its place is free when it has let go
        Assert.Equal(1, Assert.Single(_house.Backend.States.Values).Releases);
    }

    [Theory]
    [InlineData(true)] // by its handle
    [InlineData(false)] // because whoever asked is gone
    public async Task CancelledTurn_StopsItsBackend_AndSaysSo(bool byHandle)
    {
        using var gone = new CancellationTokenSource();
        HoldAt(ScriptPhase.Finishing);
        var turn = _house.Begin(Ask.Stored("hi"), turnCancelled: gone.Token);
        await Soon.In(_gate.Reached);
        if (byHandle) turn.Cancel();
        else gone.Cancel();
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal(("response.failed", "cancelled"), (seen.Types[^1], seen.Status));
        Assert.Empty(seen.Output);
        Assert.Null(await Soon.In(turn.Ended));
        Assert.Equal(1, _house.Backend.Stopped);
        turn.Cancel(); // safe at any time
        Assert.Equal("cancelled", Assert.Single(_house.Requests.Records).Outcome);
    }

    [Fact]
    public async Task TurnCancelledBeforeItBegan_IsRefused()
    {
        HoldAt(ScriptPhase.Begun);
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(_gate.Reached);
        turn.Cancel();
        Assert.Equal(Errors.TurnCancelled, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
    }

    [Fact]
    public async Task BackendThatDoesNotStop_IsLeftBehind_AndKeepsItsPlace()
    {
        var deaf = new PhaseGate();
        _house.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing ? deaf.PassAsync(CancellationToken.None) : default;
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(deaf.Reached);
        turn.Cancel();
        var ended = turn.Ended;
        Assert.False(ended.IsCompleted);
        _house.Time.Advance(_house.Turns.StopMax);
        Assert.Null(await Soon.In(ended));
        Assert.Equal("cancelled", (await SeenEvents.ReadAsync(await turn.Began, Soon.Token)).Status);
        Assert.Equal(1, _house.Pipeline.Running);
        deaf.Open();
        await Soon.In(_house.Pipeline.DrainAsync(Soon.Token));
        Assert.Equal(0, _house.Pipeline.Running);
    }

    [Fact]
    public async Task Drain_LetsRunningTurnsEnd_AndTakesNoNewOnes()
    {
        HoldAt(ScriptPhase.Finishing);
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(_gate.Reached);
        var drained = _house.Pipeline.DrainAsync(Soon.Token);
        Assert.Equal(Errors.ServerStopping,
            (await Assert.ThrowsAsync<ApiException>(() => Soon.In(_house.Begin(Ask.Text("hi")).Began))).Kind);
        Assert.False(drained.IsCompleted);
        _gate.Open();
        await Soon.In(drained);
        Assert.NotNull(await turn.Ended);
    }

    [Fact]
    public async Task Drain_EndsTurns_AtItsDeadline()
    {
        using var deadline = new CancellationTokenSource();
        HoldAt(ScriptPhase.Finishing);
        var turn = _house.Begin(Ask.Text("hi"));
        await Soon.In(_gate.Reached);
        var drained = _house.Pipeline.DrainAsync(deadline.Token);
        deadline.Cancel();
        await Soon.In(drained);
        Assert.Equal("server_is_stopping", (await SeenEvents.ReadAsync(await turn.Began, Soon.Token)).ErrorCode);
    }

    [Fact]
    public async Task Completed_IsReported_OnlyAfterTheResponseIsStored()
    {
        var store = new SlowStore();
        using var house = new CoreHouse(store: inner => store.Over(inner));
        var turn = house.Begin(Ask.Stored("hi"));
        await Soon.In(store.Adding.Reached);
        var log = await turn.Began;
        Assert.False(log.Ended.IsCompleted);
        turn.Cancel(); // too late: what was generated is kept
        store.Adding.Open();
        var seen = await SeenEvents.ReadAsync(log, Soon.Token);
        Assert.Equal("completed", seen.Status);
        Assert.NotNull(await house.Store.FindAsync(TenantId.Local, new ResponseId(seen.Id), Soon.Token));
    }

    [Fact]
    public async Task StoreThatDoesNotAnswer_FailsTheTurn_AndNothingIsKeptWarm()
    {
        var store = new SlowStore();
        using var house = new CoreHouse(store: inner => store.Over(inner));
        var turn = house.Begin(Ask.Stored("hi"));
        await Soon.In(store.Adding.Reached);
        house.Time.Advance(house.Turns.KeepMax);
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal(("response.failed", "response_not_stored"), (seen.Types[^1], seen.ErrorCode));
        Assert.Null(await Soon.In(turn.Ended));
        Assert.Equal(1, ((ScriptedState)store.Node!.State!).Releases);
    }

    [Fact]
    public async Task StoreThatKeepsTooLate_HoldsNothing_OnceItAnswers()
    {
        var store = new SlowStore { IsDeaf = true };
        using var house = new CoreHouse(store: inner => store.Over(inner));
        var turn = house.Begin(Ask.Stored("hi"));
        await Soon.In(store.Adding.Reached);
        house.Time.Advance(house.Turns.KeepMax);
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal("response.failed", seen.Types[^1]);
        house.Time.Advance(house.Turns.StopMax);
        await Soon.In(turn.Ended);
        Assert.Equal(1, house.Pipeline.Running); // its place is taken until the store has answered
        store.Adding.Open();
        await Soon.In(house.Pipeline.DrainAsync(CancellationToken.None));
        Assert.Null(await house.Store.FindAsync(TenantId.Local, new ResponseId(seen.Id), Soon.Token));
        Assert.Equal(1, ((ScriptedState)store.Node!.State!).Releases);
    }

    [Fact]
    public async Task ResponseThatNobodyKeeps_GivesItsWarmStateBack()
    {
        var turn = _house.Begin(Ask.Text("hi"));
        var node = await Soon.In(turn.Ended);
        Assert.Equal(1, ((ScriptedState)node!.State!).Releases);
        var kept = await Soon.In(_house.Begin(Ask.Stored("hi")).Ended);
        Assert.Equal(0, ((ScriptedState)kept!.State!).Releases);
    }

    [Fact]
    public async Task Parent_KeepsItsWarmState_WhileATurnRunsOnIt()
    {
        var parent = (await Soon.In(_house.Begin(Ask.Stored("hi")).Ended))!;
        HoldAt(ScriptPhase.Finishing);
        var turn = _house.Begin(Ask.Text("more").After(parent.Id.Value));
        await Soon.In(_gate.Reached);
        await _house.Store.DeleteAsync(TenantId.Local, parent.Id, Soon.Token);
        Assert.Equal(0, ((ScriptedState)parent.State!).Releases);
        _gate.Open();
        Assert.NotNull(await Soon.In(turn.Ended));
        Assert.Equal(1, ((ScriptedState)parent.State!).Releases);
    }

    public void Dispose() => _house.Dispose();

    private void HoldAt(ScriptPhase at) =>
        _house.Backend.OnPhase = (_, phase, cancelled) => phase == at ? _gate.PassAsync(cancelled) : default;

    private sealed class SlowStore : IChainStore
    {
        private IChainStore _inner = null!;

        public PhaseGate Adding { get; } = new();

        /// <summary>Goes on although it was asked to give up.</summary>
        public bool IsDeaf { get; init; }
        public ChainNode? Node { get; private set; }

        public SlowStore Over(IChainStore inner)
        {
            _inner = inner;
            return this;
        }

        public bool IsDurable => _inner.IsDurable;
        public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            _inner.FindAsync(tenant, id, caller);
        public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
            _inner.FindItemAsync(tenant, itemId, caller);
        public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            _inner.DeleteAsync(tenant, id, caller);

        public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            _inner.FindHeadAsync(tenant, id, caller);

        public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
            _inner.FindExcerptAsync(tenant, id, isHead, caller);

        public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => _inner.IsThereAsync(node, caller);
        public ValueTask<ChainClaim> ClaimAsync(
            TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled) =>
            _inner.ClaimAsync(tenant, parent, placed, turnCancelled);
        public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping) =>
            _inner.TakeBackAsync(tenant, id, claim, nodeStopping);

        public async ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
        {
            Node = node;
            await Adding.PassAsync(IsDeaf ? CancellationToken.None : nodeStopping);
            await _inner.AddAsync(node, claim, nodeStopping);
        }
    }
}
