using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>How long work would wait, before it is taken in.</summary>
public sealed class ExpectedWaitTests
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    [Fact]
    public void Wait_IsNone_WhileTheFlowHasLessThanItsShare()
    {
        var wait = Of(places: 4);
        Assert.Equal(TimeSpan.Zero, wait.Of(ahead: 3, flows: 1, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, wait.Of(ahead: 0, flows: 4, TimeSpan.Zero));
    }

    [Fact]
    public void Wait_GrowsWithTheFlowsOwnLine_NotWithAnothers()
    {
        var wait = Of(places: 4);
        Assert.Equal(TimeSpan.FromSeconds(100), wait.Of(ahead: 43, flows: 1, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(210), wait.Of(ahead: 43, flows: 2, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, wait.Of(ahead: 1, flows: 2, TimeSpan.Zero));
    }

    [Fact]
    public void Wait_GrowsWithTheFlows_WhereTheseAreMoreThanThePlaces() =>
        Assert.Equal(TimeSpan.FromSeconds(30), Of(places: 1).Of(ahead: 0, flows: 4, TimeSpan.Zero));

    [Fact]
    public void Wait_FollowsWhatPlacesWereHeldFor_AndWhatRuns()
    {
        var wait = new ExpectedWait(1);
        Assert.Equal(TimeSpan.Zero, wait.Of(ahead: 5, flows: 1, TimeSpan.Zero)); // nothing is known
        Assert.Equal(TimeSpan.FromSeconds(15), wait.Of(ahead: 5, flows: 1, TimeSpan.FromSeconds(3)));
        wait.GaveBack(TenSeconds);
        Assert.Equal(TimeSpan.FromSeconds(50), wait.Of(ahead: 5, flows: 1, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(75), wait.Of(ahead: 5, flows: 1, TimeSpan.FromSeconds(60)));
        for (var turn = 0; turn < 40; turn++) wait.GaveBack(TimeSpan.FromSeconds(1));
        Assert.InRange(wait.Of(ahead: 5, flows: 1, TimeSpan.Zero), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.1));
    }

    [Fact]
    public void RetryAfter_IsWhenTheWaitIsShortEnough()
    {
        var wait = Of(places: 4);
        TimeSpan Retry(double seconds) => wait.RetryAfter(
            TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(15), Retry(45));
        Assert.Equal(TimeSpan.FromSeconds(60), Retry(300));
        Assert.Equal(TimeSpan.FromSeconds(2.5), Retry(0)); // until a place is given back
    }

    private static ExpectedWait Of(int places)
    {
        var wait = new ExpectedWait(places);
        wait.GaveBack(TenSeconds);
        return wait;
    }
}
