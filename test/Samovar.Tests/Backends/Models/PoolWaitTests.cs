using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Models;

/// <summary>Who waits for a model is bounded, served in a fair order, and kept waiting for nothing.</summary>
public sealed class PoolWaitTests : PoolLab
{
    [Fact]
    public async Task ClientsThatWereToldToComeBack_DoNotTakeTheRoomFromEachOther()
    {
        Options.BytesMax = 100;
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
        Options.BytesMax = 100;
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        await LoadedAsync("a");
        var waits = AcquireAsync("b", Bob, Timeout.InfiniteTimeSpan);
        Assert.InRange(await TimeUntil(() => waits.IsCompleted), Options.UnusedMin - TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
        (await waits.WaitAsync(Soon.Token)).Dispose();
    }

    [Fact]
    public async Task ClientThatLeaves_IsNotWaitedFor_AndNothingIsLoadedForIt()
    {
        var gate = Loader.Gates["a"] = new PhaseGate();
        using var gone = new CancellationTokenSource();
        var first = AcquireAsync("a", Ann);
        await gate.Reached.WaitAsync(Soon.Token);
        var leaves = Pool.AcquireAsync("b", Bob, Long, gone.Token).AsTask();
        Assert.Equal(ModelState.Queued, Of("b").State);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        Time.Advance(TimeSpan.FromMinutes(1)); // as long as one that was told to come back might take
        gate.Open();
        (await first.WaitAsync(Soon.Token)).Dispose();
        await Until(() => Of("b").State == ModelState.Unloaded);
        Assert.Equal(["a"], Loader.Loads);
    }

    [Fact]
    public async Task WaitIsBounded_ThenTheClientIsToldWhenToComeBack()
    {
        Loader.Gates["a"] = new PhaseGate();
        var waits = AcquireAsync("a", Ann, Long);
        await Time.WhenArmed(Long).WaitAsync(Soon.Token);
        Time.Advance(Long);
        Assert.Equal(Errors.ModelLoading, (await Assert.ThrowsAsync<ApiException>(() => waits.WaitAsync(Soon.Token))).Kind);
        Assert.Equal(0, Of("a").Waiting);
    }

    [Fact]
    public async Task Waiters_AreBounded_AndHalfOfThemMayBeOneTenants()
    {
        Options.WaitingMax = 4;
        var gate = Loader.Gates["a"] = new PhaseGate();
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
        Options.BytesMax = 1000;
        var gate = Loader.Gates["a"] = new PhaseGate();
        List<Task<ModelLease>> asked = [AcquireAsync("a", Ann)];
        await gate.Reached.WaitAsync(Soon.Token);
        asked.AddRange([AcquireAsync("b", Ann), AcquireAsync("c", Bob)]);
        gate.Open();
        foreach (var lease in await Task.WhenAll(asked).WaitAsync(Soon.Token)) lease.Dispose();
        Assert.Equal(["a", "c", "b"], Loader.Loads);
    }

    [Fact]
    public async Task Stop_RefusesWhoWaits_AndWaitsForTheLoadThatRuns()
    {
        var gate = Loader.Gates["a"] = new PhaseGate();
        var waits = AcquireAsync("a", Ann);
        await gate.Reached.WaitAsync(Soon.Token);
        var stopping = Pool.DisposeAsync().AsTask();
        Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => waits.WaitAsync(Soon.Token))).Kind);
        Assert.Equal(Errors.ServerStopping, (await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("b", Bob))).Kind);
        Assert.False(stopping.IsCompleted);
        gate.Open();
        await stopping.WaitAsync(Soon.Token);
        Assert.Equal(0, Loader.Held);
    }
}
