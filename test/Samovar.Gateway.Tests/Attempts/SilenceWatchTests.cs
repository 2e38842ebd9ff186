using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Attempts;

public sealed class SilenceWatchTests
{
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new()
    {
        FirstEventTimeout = TimeSpan.FromSeconds(60), IdleTimeout = TimeSpan.FromSeconds(10), ProgressTimeout = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public void Silence_EndsTheAttempt_AfterTheTimeBetweenTwoEvents()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(59));
        watch.Heard();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(watch.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public void TimeThatALinkMayBeAway_IsAllowedOnTop()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken, more: TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(6) - TimeSpan.FromSeconds(1));
        watch.Heard();
        _time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(9));
        Assert.False(watch.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public void PauseOfTheReader_IsNoSilenceOfTheUpstream()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Heard();
        watch.Pause();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.False(watch.Token.IsCancellationRequested);
        watch.GoOn();
        _time.Advance(TimeSpan.FromSeconds(9)); // it gets its whole time again
        Assert.False(watch.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public void PauseThatEndsJustBeforeTheTime_IsNotCountedEither()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Heard();
        watch.Pause();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        watch.GoOn();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public void TimeThatComesInAShortPause_ComesAgain()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Heard();
        _time.Advance(TimeSpan.FromSeconds(9.98));
        watch.Pause();
        _time.Advance(TimeSpan.FromSeconds(0.05));
        watch.GoOn();
        Assert.False(watch.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(watch.Token.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SignsOfLifeThatBringNothing_HaveABoundOfTheirOwn(bool hasBegun)
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(50)); // the wait for the first sign is another one
        watch.Heard();
        _time.Advance(TimeSpan.FromSeconds(5));
        if (hasBegun) watch.Progressed();
        for (var seconds = hasBegun ? 0 : 5; seconds < 30; seconds++)
        {
            Assert.False(watch.Token.IsCancellationRequested);
            watch.Heard();
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal((true, true), (watch.Token.IsCancellationRequested, watch.IsSilent));
    }

    [Fact]
    public void PauseOfTheReader_IsNoTimeInWhichNothingCame()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Heard();
        _time.Advance(TimeSpan.FromSeconds(5));
        watch.Pause();
        _time.Advance(TimeSpan.FromMinutes(10));
        watch.GoOn();
        for (var seconds = 5; seconds < 30; seconds++)
        {
            Assert.False(watch.Token.IsCancellationRequested);
            watch.Heard();
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(watch.Token.IsCancellationRequested);
    }

    [Fact]
    public void CancelledTurn_EndsTheAttempt_AndIsNoSilence()
    {
        using var turn = new CancellationTokenSource();
        using var watch = new SilenceWatch(_options, _time, turn.Token);
        turn.Cancel();
        Assert.True(watch.Token.IsCancellationRequested);
        Assert.False(watch.IsSilent);
        using var late = new SilenceWatch(_options, _time, turn.Token);
        Assert.True(late.Token.IsCancellationRequested);
    }

    [Fact]
    public void AttemptThatHasBegunToSpeak_IsNotGivenUpForTheWaitBefore()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Heard();
        watch.GiveUpUnheard();
        Assert.Equal((false, false), (watch.Token.IsCancellationRequested, watch.IsSilent));
        using var silent = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        silent.GiveUpUnheard();
        Assert.Equal((true, true), (silent.Token.IsCancellationRequested, silent.IsSilent));
    }

    [Fact]
    public void AttemptWhoseEndBreaks_HarmsNoTimer()
    {
        using var watch = new SilenceWatch(_options, _time, TestContext.Current.CancellationToken);
        watch.Token.Register(() => throw new InvalidOperationException("the attempt's own"));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(watch.Token.IsCancellationRequested);
    }
}
