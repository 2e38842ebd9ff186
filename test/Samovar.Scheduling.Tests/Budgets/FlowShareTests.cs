using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Budgets;

public sealed class FlowShareTests
{
    private static readonly FlowId One = new("one"), Other = new("other"), Third = new("third");
    private readonly FlowShare _share = new(new ByteShare("logs", 900), multiple: 2, firstBytes: 10);

    [Fact]
    public void OneFlow_NeverTakesAll()
    {
        while (_share.TryTake(One, 50)) { }
        Assert.Equal(600, _share.BytesOf(One)); // twice what it leaves
        Assert.True(_share.TryTake(Other, 200));
        Assert.False(_share.TryTake(One, 50));
        Assert.True(_share.TryTake(Third, 60));
    }

    [Fact]
    public void FirstBytesOfAFlow_AlwaysFit()
    {
        _share.Take(One, 5000);
        Assert.False(_share.TryTake(Other, 11));
        Assert.True(_share.TryTake(Other, 10));
        Assert.False(_share.TryTake(Other, 1));
        _share.GiveBack(One, 5000);
        _share.GiveBack(Other, 10);
        Assert.Equal((0, 0), (_share.Share.Bytes, _share.BytesOf(Other)));
    }

    [Fact]
    public async Task WhoWaits_IsServedInItsOrder_WhenThereIsRoom()
    {
        _share.Take(One, 900);
        var (large, small) = (_share.TakeAsync(Other, 400, default).AsTask(), _share.TakeAsync(Third, 300, default).AsTask());
        Assert.False(large.IsCompleted || small.IsCompleted);
        _share.GiveBack(One, 500);
        await large;
        Assert.False(small.IsCompleted);
        _share.GiveBack(Other, 400);
        await small;
        Assert.Equal(700, _share.Share.Bytes);
    }

    [Fact]
    public async Task WhoWaits_IsNotPassedByOthersOfItsFlow()
    {
        _share.Take(One, 900);
        using var gone = new CancellationTokenSource();
        var large = _share.TakeAsync(Other, 400, gone.Token).AsTask();
        _share.GiveBack(One, 300);
        var small = _share.TakeAsync(Other, 50, default).AsTask();
        Assert.False(small.IsCompleted);
        await _share.TakeAsync(Third, 50, default); // of another flow
        _share.GiveBack(One, 100);
        Assert.False(large.IsCompleted || small.IsCompleted);
        await gone.CancelAsync();
        await small; // it was the next
        Assert.Equal(0, _share.Waiting);
    }

    [Fact]
    public async Task WhatIsPinned_LeavesHalfOfTheShareToOthers()
    {
        using var pinned = new PinnedBytes(_share);
        using var more = new PinnedBytes(_share);
        Assert.False(pinned.TrySet(451));
        Assert.True(pinned.TrySet(450) && more.TrySet(450));
        Assert.Equal(900, _share.Share.Bytes);
        await _share.TakeAsync(One, 300, default);
        var waiting = _share.TakeAsync(Other, 300, default).AsTask();
        Assert.False(waiting.IsCompleted);
        pinned.Dispose();
        Assert.False(waiting.IsCompleted);
        more.Dispose();
        await waiting;
        Assert.Equal(600, _share.Share.Bytes);
    }

    [Fact]
    public async Task WhoGivesUpWaiting_HoldsNothing()
    {
        _share.Take(One, 900);
        using var gone = new CancellationTokenSource();
        var waiting = _share.TakeAsync(Other, 400, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal((0, 0), (_share.Waiting, _share.BytesOf(Other)));
        _share.GiveBack(One, 900);
        Assert.Equal(0, _share.Share.Bytes);
    }

    [Fact]
    public void Claim_GrowsAndShrinks_AndIsGivenBackOnce()
    {
        var claim = new ByteClaim(_share, One);
        Assert.True(claim.TrySet(500));
        Assert.False(claim.TrySet(700));
        Assert.Equal(500, claim.Bytes);
        Assert.True(claim.TrySet(20));
        claim.Dispose();
        claim.Dispose();
        Assert.False(claim.TrySet(1));
        Assert.Equal(0, _share.Share.Bytes);
    }

    [Fact]
    public void Budget_ThatDoesNotFit_IsReportedWithItsShares()
    {
        var budget = new MemoryBudget([new ByteShare("logs", 3 << 20), new OwnersShare("parked", () => 2 << 20, () => 7)]);
        Assert.Null(budget.FaultOn(5 << 20));
        Assert.Contains("logs 3 + parked 2 = 5 MiB of 4 MiB", budget.FaultOn(4 << 20), StringComparison.Ordinal);
        Assert.Equal(7, budget.Bytes);
    }
}
