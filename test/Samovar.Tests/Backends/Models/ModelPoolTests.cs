using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Models;

/// <summary>Models are loaded when they are asked for, one at a time, and go where others need their room and nobody uses them.</summary>
public sealed class ModelPoolTests : PoolLab
{
    [Fact]
    public async Task Model_IsLoadedOnce_HoweverManyAskAtOnce()
    {
        var gate = Loader.Gates["a"] = new PhaseGate();
        var asked = Enumerable.Range(0, 100).Select(i => AcquireAsync("a", new FlowId($"flow {i}"))).ToList();
        await gate.Reached.WaitAsync(Soon.Token);
        Assert.Equal((ModelState.Loading, 100), (Of("a").State, Of("a").Waiting));
        gate.Open();
        foreach (var lease in await Task.WhenAll(asked).WaitAsync(Soon.Token)) lease.Dispose();
        Assert.Equal(["a"], Loader.Loads);
        Assert.Equal((ModelState.Loaded, 0, 0), (Of("a").State, Of("a").Waiting, Of("a").Uses));
    }

    [Fact]
    public async Task ClientThatCannotWait_IsToldWhenToComeBack_AndFindsItLoaded()
    {
        Loader.Measured["a"] = 4_000_000_000;
        Options.BytesMax = 5_000_000_000;
        var gate = Loader.Gates["a"] = new PhaseGate();
        var first = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal((Errors.ModelLoading.Code, "model"), (first.Kind.Code, first.Param));
        await gate.Reached.WaitAsync(Soon.Token);
        var second = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(8), second.RetryAfter); // as its bytes let expect
        Time.Advance(TimeSpan.FromSeconds(3));
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
        Assert.Equal(200, Loader.HeldMax);
        await UseAsync("b");
        Assert.Equal(ModelState.Unloaded, Of("a").State);
        Assert.Equal(["a", "b", "c", "b"], Loader.Loads);
    }

    [Fact]
    public async Task ModelWithTurns_IsNeverUnloaded()
    {
        var (a, b) = (await AcquireAsync("a", Ann), await AcquireAsync("b", Ann));
        var uses = UsesAtUnload();
        var waits = AcquireAsync("c", Bob);
        await Until(() => Of("c").State == ModelState.Queued);
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMinutes(56)); // long after others were to give way
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
        Options.BytesMax = 100;
        var running = await AcquireAsync("a", Ann);
        var waits = AcquireAsync("b", Bob);
        await Until(() => Of("b").State == ModelState.Queued);
        (await AcquireAsync("a", Ann)).Dispose(); // it still may
        await Time.WhenArmed(Options.GiveWayAfter).WaitAsync(Soon.Token);
        Time.Advance(Options.GiveWayAfter);
        await Until(() =>
        {
            var asked = AcquireAsync("a", Ann, TimeSpan.Zero);
            if (!asked.IsFaulted) asked.Result.Dispose();
            return asked.IsFaulted;
        });
        var behind = AcquireAsync("a", Ann);
        Assert.False(behind.IsCompleted);
        running.Dispose();
        (await waits.WaitAsync(Soon.Token)).Dispose();
        (await behind.WaitAsync(Soon.Token)).Dispose();
        Assert.Equal(["a", "b", "a"], Loader.Loads);
        Assert.Equal(100, Loader.HeldMax);
    }

    [Fact]
    public async Task LoadThatFails_IsAnsweredSo_AndTriedAgainAfterAWhile_OthersUnaffected()
    {
        Loader.Faults["a"] = new EngineLoadException("/secret/a.gguf is broken");
        var failed = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann));
        Assert.Equal((Errors.ModelFailed, 500), (failed.Kind, failed.Kind.Status));
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        Assert.Equal((ModelState.Failed, "/secret/a.gguf is broken"), (Of("a").State, Of("a").Fault));
        await UseAsync("b");
        var again = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann, TimeSpan.Zero));
        Assert.Equal((Errors.ModelFailed, Options.RetryAfter - TimeSpan.FromMilliseconds(1)), (again.Kind, again.RetryAfter));
        Assert.Equal(["a", "b"], Loader.Loads);
        Loader.Faults.Clear();
        Time.Advance(Options.RetryAfter);
        await UseAsync("a");
        Assert.Null(Of("a").Fault);
    }

    [Fact]
    public async Task ModelThatNoRoomCanHold_Fails_AndTakesNobodysRoom()
    {
        Loader.Bytes["c"] = 251;
        await UseAsync("a");
        var failed = await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("c", Ann));
        Assert.Equal(Errors.ModelFailed, failed.Kind);
        Assert.Contains("Models:BytesMax", Of("c").Fault!, StringComparison.Ordinal);
        Assert.Equal((ModelState.Loaded, 100L), (Of("a").State, Loader.HeldMax));
    }

    [Fact]
    public async Task ModelThatTakesMoreThanItsFileSaid_MakesOthersGo_OrGoesItself()
    {
        (Loader.Measured["c"], Loader.Bytes["c"]) = (10, 200);
        await UseAsync("a");
        await UseAsync("c");
        Assert.Equal((ModelState.Unloaded, ModelState.Loaded), (Of("a").State, Of("c").State));
        (Loader.Measured["b"], Loader.Bytes["b"]) = (10, 999);
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("b", Ann));
        Assert.InRange(Loader.Held, 0, 250);
    }

    [Fact]
    public async Task IdleModel_IsUnloaded_UsedOnesStay()
    {
        Options.IdleMax = TimeSpan.FromMinutes(10);
        using var lease = await AcquireAsync("a", Ann);
        await UseAsync("b");
        var unused = await TimeUntil(() => Of("b").State == ModelState.Unloaded);
        Assert.InRange(unused, Options.IdleMax - TimeSpan.FromSeconds(1), TimeSpan.MaxValue);
        Assert.Equal(ModelState.Loaded, Of("a").State);
        await UseAsync("b");
        Assert.Equal((2, 1), (Of("b").Loads, Of("b").Unloads));
    }

    [Fact]
    public async Task ThousandUses_ByManyFlows_KeepTheBoundAndEndUnused()
    {
        var random = new Random(5);
        var picks = Enumerable.Range(0, 1000).Select(_ => random.Next(3)).ToArray();
        var uses = UsesAtUnload();
        var many = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Soon.Token };
        await Parallel.ForEachAsync(picks, many, async (pick, _) =>
        {
            using var lease = await AcquireAsync("abc"[pick].ToString(), new FlowId($"flow {pick}"));
            await Task.Yield();
        });
        Assert.InRange(Loader.HeldMax, 100, 250);
        Assert.NotEmpty(uses);
        Assert.All(uses, static one => Assert.Equal(0, one));
        Assert.All(Pool.Conditions, model => Assert.Equal((0, 0), (model.Uses, model.Waiting)));
    }
}
