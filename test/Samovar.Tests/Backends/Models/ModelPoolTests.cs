using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Models;

/// <summary>Models are loaded when they are asked for, one at a time, and go where others need their room and nobody uses them.</summary>
public sealed class ModelPoolTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly FlowId Ann = new("ann"), Bob = new("bob");
    private readonly ManualTime _time = new();
    private readonly FakeLoader _loader = new(new SeededIds(), "a", "b", "c");
    private readonly ModelsOptions _options = new() { BytesMax = 250 };
    private ModelPool? _pool;

    private ModelPool Pool => _pool ??= new ModelPool(_loader, _options, _time, NullLogger<ModelPool>.Instance);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _loader.Gates.Values) gate.Open();
        if (_pool is not null) await _pool.DisposeAsync();
        Assert.Equal(0, _loader.Held); // whatever a test did, all is given back
        Assert.InRange(_loader.AtOnceMax, 0, 1);
    }

    [Fact]
    public async Task Model_IsLoadedOnce_HoweverManyAskAtOnce()
    {
        var gate = _loader.Gates["a"] = new PhaseGate();
        var asked = Enumerable.Range(0, 100).Select(i => AcquireAsync("a", new FlowId($"flow {i}"))).ToList();
        await gate.Reached.WaitAsync(Soon.Token);
        Assert.Equal((ModelState.Loading, 100), (Of("a").State, Of("a").Waiting));
        gate.Open();
        foreach (var lease in await Task.WhenAll(asked).WaitAsync(Soon.Token)) lease.Dispose();
        Assert.Equal(["a"], _loader.Loads);
        Assert.Equal((ModelState.Loaded, 0, 0), (Of("a").State, Of("a").Waiting, Of("a").Uses));
    }

    [Fact]
    public async Task ClientThatCannotWait_IsToldWhenToComeBack_AndFindsItLoaded()
    {
        _loader.Measured["a"] = 4_000_000_000;
        _options.BytesMax = 5_000_000_000;
        var gate = _loader.Gates["a"] = new PhaseGate();
        var first = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal((Errors.ModelLoading.Code, "model"), (first.Kind.Code, first.Param));
        await gate.Reached.WaitAsync(Soon.Token);
        var second = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(8), second.RetryAfter); // as its bytes let expect
        _time.Advance(TimeSpan.FromSeconds(3));
        var third = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(5), third.RetryAfter);
        gate.Open();
        await LoadedAsync("a");
        using var lease = await AcquireAsync("a", Ann, TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(3), Of("a").LoadTime);
    }

    [Fact]
    public async Task Room_IsMadeByTheModelThatWasUsedLongestAgo()
    {
        await UseAsync("a");
        await UseAsync("b");
        await UseAsync("a");
        await UseAsync("c");
        Assert.Equal((ModelState.Loaded, ModelState.Unloaded, ModelState.Loaded), (Of("a").State, Of("b").State, Of("c").State));
        Assert.Equal(200, _loader.HeldMax);
        await UseAsync("b");
        Assert.Equal(ModelState.Unloaded, Of("a").State);
        Assert.Equal(["a", "b", "c", "b"], _loader.Loads);
    }

    [Fact]
    public async Task ModelWithTurns_IsNeverUnloaded()
    {
        var (a, b) = (await AcquireAsync("a", Ann), await AcquireAsync("b", Ann));
        var uses = UsesAtUnload();
        var waits = AcquireAsync("c", Bob);
        await Until(() => Of("c").State == ModelState.Queued);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMinutes(56)); // long after others were to give way
        Assert.False(waits.IsCompleted);
        Assert.Equal((ModelState.Loaded, ModelState.Loaded), (Of("a").State, Of("b").State));
        b.Dispose();
        using var c = await waits.WaitAsync(Soon.Token);
        Assert.Equal((ModelState.Loaded, ModelState.Unloaded), (Of("a").State, Of("b").State));
        Assert.Equal([0], uses);
        a.Dispose();
    }

    [Fact]
    public async Task BusyModel_BeginsNoMoreTurns_WhereAnotherHasWaitedForItsRoom()
    {
        _options.BytesMax = 100;
        var running = await AcquireAsync("a", Ann);
        var waits = AcquireAsync("b", Bob);
        await Until(() => Of("b").State == ModelState.Queued);
        (await AcquireAsync("a", Ann)).Dispose(); // it still may
        await _time.WhenArmed(_options.GiveWayAfter).WaitAsync(Soon.Token);
        _time.Advance(_options.GiveWayAfter);
        await Until(() => AcquireAsync("a", Ann, TimeSpan.Zero).IsFaulted);
        var behind = AcquireAsync("a", Ann);
        Assert.False(behind.IsCompleted);
        running.Dispose();
        (await waits.WaitAsync(Soon.Token)).Dispose();
        (await behind.WaitAsync(Soon.Token)).Dispose();
        Assert.Equal(["a", "b", "a"], _loader.Loads);
        Assert.Equal(100, _loader.HeldMax);
    }

    [Fact]
    public async Task LoadThatFails_IsAnsweredSo_AndTriedAgainAfterAWhile_OthersUnaffected()
    {
        _loader.Faults["a"] = new EngineLoadException("/secret/a.gguf is broken");
        var failed = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann));
        Assert.Equal((Errors.ModelFailed, 500), (failed.Kind, failed.Kind.Status));
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        Assert.Equal((ModelState.Failed, "/secret/a.gguf is broken"), (Of("a").State, Of("a").Fault));
        await UseAsync("b");
        var again = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal((Errors.ModelFailed, _options.RetryAfter - TimeSpan.FromMilliseconds(1)), (again.Kind, again.RetryAfter));
        Assert.Equal(["a", "b"], _loader.Loads);
        _loader.Faults.Clear();
        _time.Advance(_options.RetryAfter);
        await UseAsync("a");
        Assert.Null(Of("a").Fault);
    }

    [Fact]
    public async Task ModelThatNoRoomCanHold_Fails_AndTakesNobodysRoom()
    {
        _loader.Bytes["c"] = 251;
        await UseAsync("a");
        var failed = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("c", Ann));
        Assert.Equal(Errors.ModelFailed, failed.Kind);
        Assert.Contains("Models:BytesMax", Of("c").Fault!, StringComparison.Ordinal);
        Assert.Equal((ModelState.Loaded, 100L), (Of("a").State, _loader.HeldMax));
    }

    [Fact]
    public async Task ModelThatTakesMoreThanItsFileSaid_MakesOthersGo_OrGoesItself()
    {
        (_loader.Measured["c"], _loader.Bytes["c"]) = (10, 200);
        await UseAsync("a");
        await UseAsync("c");
        Assert.Equal((ModelState.Unloaded, ModelState.Loaded), (Of("a").State, Of("c").State));
        (_loader.Measured["b"], _loader.Bytes["b"]) = (10, 999);
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("b", Ann));
        Assert.InRange(_loader.Held, 0, 250);
    }

    [Fact]
    public async Task IdleModel_IsUnloaded_UsedOnesStay()
    {
        _options.IdleMax = TimeSpan.FromMinutes(10);
        using var lease = await AcquireAsync("a", Ann);
        await UseAsync("b");
        Assert.InRange(await TimeUntil(() => Of("b").State == ModelState.Unloaded), _options.IdleMax - TimeSpan.FromSeconds(1), Long + Long + Long);
        Assert.Equal(ModelState.Loaded, Of("a").State);
        await UseAsync("b");
        Assert.Equal((2, 1), (Of("b").Loads, Of("b").Unloads));
    }

    [Fact]
    public async Task ClientsThatWereToldToComeBack_DoNotTakeTheRoomFromEachOther()
    {
        _options.BytesMax = 100;
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        await LoadedAsync("a");
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("b", Bob, TimeSpan.Zero));
        await Until(() => Of("b").State == ModelState.Queued);
        (await AcquireAsync("a", Ann, TimeSpan.Zero)).Dispose(); // it was kept for her
        await LoadedAsync("b"); // and now it is his turn
        (await AcquireAsync("b", Bob, TimeSpan.Zero)).Dispose();
    }

    [Fact]
    public async Task ModelThatNobodyCameBackFor_MakesRoomAfterAWhile()
    {
        _options.BytesMax = 100;
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        await LoadedAsync("a");
        var waits = AcquireAsync("b", Bob);
        Assert.InRange(await TimeUntil(() => waits.IsCompleted), _options.UnusedMin - TimeSpan.FromSeconds(1), Long);
        (await waits.WaitAsync(Soon.Token)).Dispose();
    }

    [Fact]
    public async Task ClientThatLeaves_IsNotWaitedFor_AndNothingIsLoadedForIt()
    {
        var gate = _loader.Gates["a"] = new PhaseGate();
        using var gone = new CancellationTokenSource();
        var first = AcquireAsync("a", Ann);
        await gate.Reached.WaitAsync(Soon.Token);
        var leaves = Pool.AcquireAsync("b", Bob, Long, gone.Token).AsTask();
        Assert.Equal(ModelState.Queued, Of("b").State);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        _time.Advance(TimeSpan.FromMinutes(1)); // as long as one that was told to come back might take
        gate.Open();
        (await first.WaitAsync(Soon.Token)).Dispose();
        await Until(() => Of("b").State == ModelState.Unloaded);
        Assert.Equal(["a"], _loader.Loads);
    }

    [Fact]
    public async Task WaitIsBounded_ThenTheClientIsToldWhenToComeBack()
    {
        _loader.Gates["a"] = new PhaseGate();
        var waits = AcquireAsync("a", Ann, Long);
        await _time.WhenArmed(Long).WaitAsync(Soon.Token);
        _time.Advance(Long);
        Assert.Equal(Errors.ModelLoading, (await Assert.ThrowsAsync<ApiException>(() => waits.WaitAsync(Soon.Token))).Kind);
        Assert.Equal(0, Of("a").Waiting);
    }

    [Fact]
    public async Task Waiters_AreBounded_AndHalfOfThemMayBeOneTenants()
    {
        _options.WaitingMax = 4;
        var gate = _loader.Gates["a"] = new PhaseGate();
        List<Task<ModelLease>> held = [AcquireAsync("a", Ann), AcquireAsync("a", Ann)];
        Assert.Equal(Errors.ServerOverloaded, (await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann))).Kind);
        held.AddRange([AcquireAsync("a", Bob), AcquireAsync("b", Bob)]);
        var cleo = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", new FlowId("cleo")));
        Assert.Equal(Errors.ServerOverloaded, cleo.Kind);
        Assert.NotNull(cleo.RetryAfter);
        gate.Open();
        foreach (var lease in await Task.WhenAll(held).WaitAsync(Soon.Token)) lease.Dispose();
    }

    [Fact]
    public async Task Tenant_WhoAsksForManyModels_DoesNotHoldUpAnothers()
    {
        _options.BytesMax = 1000;
        var gate = _loader.Gates["a"] = new PhaseGate();
        List<Task<ModelLease>> asked = [AcquireAsync("a", Ann)];
        await gate.Reached.WaitAsync(Soon.Token);
        asked.AddRange([AcquireAsync("b", Ann), AcquireAsync("c", Bob)]);
        gate.Open();
        foreach (var lease in await Task.WhenAll(asked).WaitAsync(Soon.Token)) lease.Dispose();
        Assert.Equal(["a", "c", "b"], _loader.Loads);
    }

    [Fact]
    public async Task Stop_RefusesWhoWaits_AndWaitsForTheLoadThatRuns()
    {
        var gate = _loader.Gates["a"] = new PhaseGate();
        var waits = AcquireAsync("a", Ann);
        await gate.Reached.WaitAsync(Soon.Token);
        var stopping = Pool.DisposeAsync().AsTask();
        Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => waits.WaitAsync(Soon.Token))).Kind);
        Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("b", Bob))).Kind);
        Assert.False(stopping.IsCompleted);
        gate.Open();
        await stopping.WaitAsync(Soon.Token);
        Assert.Equal(0, _loader.Held);
    }

    [Fact]
    public async Task ThousandUses_ByManyFlows_KeepTheBoundAndEndUnused()
    {
        var random = new Random(5);
        var picks = Enumerable.Range(0, 1000).Select(_ => random.Next(3)).ToArray();
        var uses = UsesAtUnload();
        await Parallel.ForEachAsync(picks, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Soon.Token }, async (pick, _) =>
        {
            using var lease = await AcquireAsync("abc"[pick].ToString(), new FlowId($"flow {pick}"));
            await Task.Yield();
        });
        Assert.InRange(_loader.HeldMax, 100, 250);
        Assert.NotEmpty(uses);
        Assert.All(uses, static one => Assert.Equal(0, one));
        Assert.All(Pool.Conditions, model => Assert.Equal((0, 0), (model.Uses, model.Waiting)));
    }

    private Task<ModelLease> AcquireAsync(string name, FlowId flow, TimeSpan? waitMax = null) =>
        Pool.AcquireAsync(name, flow, waitMax ?? Long, CancellationToken.None).AsTask();

    private async Task UseAsync(string name)
    {
        (await AcquireAsync(name, Ann).WaitAsync(Soon.Token)).Dispose();
        _time.Advance(TimeSpan.FromMilliseconds(1));
    }

    private Task LoadedAsync(string name) => Until(() => Of(name) is { State: ModelState.Loaded } now && now.Engine is not null);

    private ModelCondition Of(string name) => Pool.Conditions.Single(model => model.Name == name);

    private ConcurrentQueue<int> UsesAtUnload()
    {
        var uses = new ConcurrentQueue<int>();
        _loader.Unloaded = name => uses.Enqueue(Of(name).Uses);
        return uses;
    }

    /// <summary>Moves time on until something is so.</summary>
    private async Task<TimeSpan> TimeUntil(Func<bool> isSo)
    {
        var from = _time.GetTimestamp();
        await Until(() =>
        {
            if (isSo()) return true;
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        });
        return _time.GetElapsedTime(from);
    }

    private static Task Until(Func<bool> isSo) => Soon.UntilAsync(isSo);
}
