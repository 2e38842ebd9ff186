using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Chains;

/// <summary>What is removed by its age, and a clock that is set.</summary>
public sealed class SteadyClockTests
{
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1), Interval = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();
    private readonly SteadyClock _clock;
    private DateTimeOffset _database = DateTimeOffset.UnixEpoch.AddDays(20_000);

    public SteadyClockTests() => _clock = new SteadyClock(_time, Settled);

    /// <summary>It may have been set while nobody looked.</summary>
    [Fact]
    public void ClockThatIsFirstSeen_IsSteady_AfterAWhile()
    {
        Assert.False(IsSteadyAfter(Interval, Interval));
        Assert.False(_clock.WasSet);
        for (var passed = Interval; passed < Settled; passed += Interval) Assert.False(IsSteadyAfter(Interval, Interval));
        Assert.True(IsSteadyAfter(Interval, Interval));
    }

    [Fact]
    public void ClockThatGoesOn_IsSteady()
    {
        Settle();
        for (var i = 0; i < 10; i++) Assert.True(IsSteadyAfter(Interval, Interval + TimeSpan.FromSeconds(i % 3)));
    }

    [Theory]
    [InlineData(40 * 24)]
    [InlineData(-2)]
    public void ClockThatWasSet_IsSteadyAgain_AfterAWhile(int hours)
    {
        Settle();
        Assert.False(IsSteadyAfter(Interval, Interval + TimeSpan.FromHours(hours)));
        Assert.True(_clock.WasSet);
        for (var passed = Interval; passed < Settled; passed += Interval) Assert.False(IsSteadyAfter(Interval, Interval));
        Assert.True(IsSteadyAfter(Interval, Interval));
    }

    [Fact]
    public void ClockThatIsSetRight_WaitsFromThen()
    {
        Settle();
        Assert.False(IsSteadyAfter(Interval, TimeSpan.FromDays(40)));
        Assert.False(IsSteadyAfter(Settled, Settled - TimeSpan.FromDays(40)));
        Assert.True(IsSteadyAfter(Settled, Settled));
    }

    private void Settle()
    {
        Assert.False(IsSteadyAfter(Interval, Interval));
        Assert.True(IsSteadyAfter(Settled, Settled));
    }

    private bool IsSteadyAfter(TimeSpan here, TimeSpan database)
    {
        _time.Advance(here);
        _database += database;
        return _clock.IsSteady(_database);
    }
}
