using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>Who asks again at once is answered later; nobody else is.</summary>
public sealed class RefusalPaceTests
{
    private static readonly FlowId Storm = new("storm"), Quiet = new("quiet");
    private static readonly ApiException Refused = new(Errors.ServerOverloaded, TimeSpan.FromSeconds(1));
    private readonly ManualTime _time = new();
    private readonly TurnOptions _options = new() { RefusalsAtOnceMax = 3, RefusalsHeldMax = 5 };

    [Fact]
    public async Task RefusalsBehindTheFirst_AreHeld_UntilTheirTimeIsOver()
    {
        var pace = new RefusalPace(_options, _time);
        var asked = Enumerable.Range(0, 5).Select(_ => pace.WaitAsync(Storm, Refused, Soon.Token)).ToList();
        Assert.Equal([true, true, true, false, false], asked.Select(one => one.IsCompleted));
        Assert.True(pace.WaitAsync(Quiet, Refused, Soon.Token).IsCompleted);
        _time.Advance(_options.RefusalHoldMax);
        await Task.WhenAll(asked);
        Assert.Equal(0, pace.Held);
        Assert.True(pace.WaitAsync(Storm, Refused, Soon.Token).IsCompleted);
    }

    [Fact]
    public void OtherErrors_AreAnsweredAtOnce()
    {
        var pace = new RefusalPace(_options, _time);
        for (var asked = 0; asked < 20; asked++)
            Assert.True(pace.WaitAsync(Storm, new ApiException(Errors.ModelNotFound, "x", "model"), Soon.Token).IsCompleted);
    }

    [Fact]
    public void MoreThanMayBeHeld_AreAnsweredAtOnce()
    {
        var pace = new RefusalPace(_options, _time);
        var asked = Enumerable.Range(0, 20).Select(_ => pace.WaitAsync(Storm, Refused, Soon.Token)).ToList();
        Assert.Equal((_options.RefusalsHeldMax, 20 - _options.RefusalsHeldMax), (pace.Held, asked.Count(one => one.IsCompleted)));
    }

    [Fact]
    public async Task ClientThatLeaves_IsNotHeld()
    {
        using var left = new CancellationTokenSource();
        var pace = new RefusalPace(_options, _time);
        var asked = Enumerable.Range(0, 4).Select(_ => pace.WaitAsync(Storm, Refused, left.Token)).ToList();
        Assert.Equal(1, pace.Held);
        await left.CancelAsync();
        await Task.WhenAll(asked);
        Assert.Equal(0, pace.Held);
    }
}
