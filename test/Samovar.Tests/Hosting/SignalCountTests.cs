using Samovar.Cli.Commands;
using Samovar.Testing;

namespace Samovar.Tests.Hosting;

/// <summary>Which signal ends a process at once.</summary>
public sealed class SignalCountTests
{
    private readonly ManualTime _time = new();

    /// <summary><c>timeout</c> signals the process and then its group; runners pass on what a terminal has sent as well.</summary>
    [Fact]
    public void SignalsOfOneAct_AreOne()
    {
        var count = new SignalCount(_time);
        count.Serving();
        Assert.Equal(SignalPart.First, count.Count());
        Assert.Equal(SignalPart.Same, count.Count());
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(SignalPart.Same, count.Count());
    }

    [Fact]
    public void SignalThatComesLater_IsASecond()
    {
        var count = new SignalCount(_time);
        count.Serving();
        count.Count();
        _time.Advance(SignalCount.SameActMax + TimeSpan.FromMilliseconds(1));
        Assert.Equal(SignalPart.Second, count.Count());
    }

    [Fact]
    public void WhereNobodyCanBeAsked_TheFirstEndsAtOnce() => Assert.Equal(SignalPart.Second, new SignalCount(_time).Count());
}
