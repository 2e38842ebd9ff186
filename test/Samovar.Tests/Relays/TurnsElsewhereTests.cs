using Samovar.Relays;
using Samovar.Testing;

namespace Samovar.Tests.Relays;

public sealed class TurnsElsewhereTests
{
    private readonly TurnsElsewhere _elsewhere = new(2);

    [Fact]
    public void SoMany_AreThereAtOnce()
    {
        Assert.True(_elsewhere.TryEnter());
        Assert.True(_elsewhere.TryEnter());
        Assert.False(_elsewhere.TryEnter());
        Assert.Equal(2, _elsewhere.Running);
        _elsewhere.Leave();
        Assert.True(_elsewhere.TryEnter());
    }

    [Fact]
    public async Task Drain_WaitsForTheLast_OrUntilItIsTooLate()
    {
        await Soon.In(_elsewhere.DrainAsync(CancellationToken.None));
        _elsewhere.TryEnter();
        _elsewhere.TryEnter();
        var draining = _elsewhere.DrainAsync(CancellationToken.None);
        _elsewhere.Leave();
        Assert.False(draining.IsCompleted);
        _elsewhere.Leave();
        await Soon.In(draining);
        _elsewhere.TryEnter();
        await Soon.In(_elsewhere.DrainAsync(new CancellationToken(canceled: true)));
    }
}
