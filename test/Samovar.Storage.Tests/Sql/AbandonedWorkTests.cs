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

    private async Task AbandonAsync(AbandonedWork work, Func<int, ValueTask> tooLate)
    {
        using var deadline = new CancellationTokenSource();
        var waiting = work.AfterAsync(_ => _driver.Task, tooLate, deadline.Token);
        deadline.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
