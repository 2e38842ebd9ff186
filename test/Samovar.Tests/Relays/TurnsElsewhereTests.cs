using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Relays;

public sealed class TurnsElsewhereTests
{
    private static readonly FlowId One = new("one"), Other = new("other");
    private readonly TurnsElsewhere _elsewhere = new(2, new TurnOptions());

    [Fact]
    public void SoMany_AreThereAtOnce()
    {
        Assert.True(_elsewhere.TryEnter(One));
        Assert.True(_elsewhere.TryEnter(One));
        Assert.False(_elsewhere.TryEnter(Other));
        Assert.Equal(2, _elsewhere.Running);
        _elsewhere.Leave(One);
        Assert.True(_elsewhere.TryEnter(Other));
    }

    /// <summary>A flood costs its own tenant, nobody else.</summary>
    [Fact]
    public void FlowThatTakesAllItGets_LeavesAPlaceToOthers()
    {
        const int most = 16;
        var elsewhere = new TurnsElsewhere(most, new TurnOptions());
        var taken = Enumerable.Range(0, most).Count(_ => elsewhere.TryEnter(One));
        Assert.InRange(taken, most / 2, most - 1);
        Assert.False(elsewhere.TryEnter(One));
        Assert.True(elsewhere.TryEnter(Other));
        Assert.Equal(taken + 1, elsewhere.Running);
    }

    [Fact]
    public async Task Drain_WaitsForTheLast_OrUntilItIsTooLate()
    {
        await Soon.In(_elsewhere.DrainAsync(CancellationToken.None));
        _elsewhere.TryEnter(One);
        _elsewhere.TryEnter(Other);
        var draining = _elsewhere.DrainAsync(CancellationToken.None);
        _elsewhere.Leave(One);
        Assert.False(draining.IsCompleted);
        _elsewhere.Leave(Other);
        await Soon.In(draining);
        _elsewhere.TryEnter(One);
        await Soon.In(_elsewhere.DrainAsync(new CancellationToken(canceled: true)));
    }
}
