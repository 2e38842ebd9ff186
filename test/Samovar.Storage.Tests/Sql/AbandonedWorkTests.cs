using System.Collections.Concurrent;
using Samovar.Storage.Sql;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Sql;

public sealed class AbandonedWorkTests
{
    private readonly LineLogger<AbandonedWork> _log = new();
    private readonly TaskCompletionSource<int> _driver = new();

    [Fact]
    public async Task WhatNobodyWaitsForAnyMore_IsKept_UntilItHasEnded()
    {
        var work = new AbandonedWork(_log);
        var late = 0;
        await AbandonAsync(work, came =>
        {
            late = came;
            return default;
        });
        Assert.Equal(1, work.Count);
        var idle = work.IdleAsync();
        Assert.False(idle.IsCompleted);
        _driver.SetResult(7);
        await Soon.In(idle);
        Assert.Equal((7, 0), (late, work.Count));
    }

    [Fact]
    public async Task EndThatBreaks_IsReported_AndNobodyIsHeldUp()
    {
        var work = new AbandonedWork(_log);
        await AbandonAsync(work, _ => throw new InvalidOperationException("broken"));
        _driver.SetResult(7);
        await Soon.In(work.IdleAsync());
        Assert.Contains("could not be ended in full", string.Join('\n', _log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatEndsInTheMomentOfItsDeadline_IsGiven_AndNotLost()
    {
        var loop = new Posted();
        var before = SynchronizationContext.Current;
        using var deadline = new CancellationTokenSource();
        SynchronizationContext.SetSynchronizationContext(loop);
        var waiting = new AbandonedWork(_log).AfterAsync(_ => _driver.Task, tooLate: null, deadline.Token);
        SynchronizationContext.SetSynchronizationContext(before);
        deadline.Cancel();
        await Soon.UntilAsync(() => !loop.Steps.IsEmpty); // its time is over, and nobody has looked yet
        _driver.SetResult(7);
        loop.Run();
        Assert.Equal(7, await Soon.In(waiting));
    }

    private async Task AbandonAsync(AbandonedWork work, Func<int, ValueTask> tooLate)
    {
        using var deadline = new CancellationTokenSource();
        var waiting = work.AfterAsync(_ => _driver.Task, tooLate, deadline.Token);
        deadline.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>What continues when the test says so.</summary>
    private sealed class Posted : SynchronizationContext
    {
        public ConcurrentQueue<Action> Steps { get; } = [];

        public override void Post(SendOrPostCallback d, object? state) => Steps.Enqueue(() => d(state));

        public void Run()
        {
            while (Steps.TryDequeue(out var step)) step();
        }
    }
}
