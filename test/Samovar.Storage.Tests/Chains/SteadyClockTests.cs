using Samovar.Storage.Chains;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Retention and a clock that is set.</summary>
public sealed class SteadyClockTests
{
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1), Interval = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();
    private readonly SteadyClock _clock;
    private TimeSpan _database = TimeSpan.FromDays(20_000);

    public SteadyClockTests() => _clock = new SteadyClock(_time, Settled);

    [Fact]
    public void ClockThatGoesOn_IsSteady()
    {
        for (var i = 0; i < 10; i++) Assert.True(IsSteadyAfter(Interval, Interval + TimeSpan.FromSeconds(i % 3)));
    }

    [Theory]
    [InlineData(40 * 24)]
    [InlineData(-2)]
    public void ClockThatWasSet_IsSteadyAgain_AfterAWhile(int hours)
    {
        Assert.True(IsSteadyAfter(Interval, Interval));
        Assert.False(IsSteadyAfter(Interval, Interval + TimeSpan.FromHours(hours)));
        for (var passed = Interval; passed < Settled; passed += Interval) Assert.False(IsSteadyAfter(Interval, Interval));
        Assert.True(IsSteadyAfter(Interval, Interval));
    }

    [Fact]
    public void ClockThatIsSetRight_WaitsFromThen()
    {
        Assert.True(IsSteadyAfter(Interval, Interval));
        Assert.False(IsSteadyAfter(Interval, TimeSpan.FromDays(40)));
        Assert.False(IsSteadyAfter(Settled, Settled - TimeSpan.FromDays(40)));
        Assert.True(IsSteadyAfter(Settled, Settled));
    }

    private bool IsSteadyAfter(TimeSpan here, TimeSpan database)
    {
        _time.Advance(here);
        _database += database;
        return _clock.IsSteady((long)_database.TotalMilliseconds);
    }
}
