using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Engine.Tests.Retention;

public sealed class ReturnHistoryTests
{
    [Fact]
    public void Step_HoldsItsBegin_AndNotItsEnd()
    {
        Assert.Equal(0, IdleSteps.Of(0));
        for (var step = 0; step < IdleSteps.Count; step++)
        {
            Assert.Equal(step, IdleSteps.Of(IdleSteps.From(step)));
            if (step < IdleSteps.Count - 1) Assert.Equal(step, IdleSteps.Of(Math.BitDecrement(IdleSteps.To(step))));
        }
        Assert.Equal(IdleSteps.Count - 1, IdleSteps.Of(1e12));
    }

    /// <summary>What is counted in a fixed size equals what is counted by remembering everybody.</summary>
    [Fact]
    public void Chances_AreThoseOfEverybodySeen()
    {
        var (history, random) = (new ReturnHistory(), new Random(11));
        var events = new List<(double At, double EndedAt, bool Returns)>();
        var all = new List<(double EndedAt, double Idle)>();
        for (var turn = 0; turn < 1500; turn++)
        {
            var ended = random.NextDouble() * 20_000;
            var idle = random.Next(5) == 0 ? double.PositiveInfinity : Math.Pow(2, random.NextDouble() * 11);
            events.Add((ended, ended, false));
            if (double.IsFinite(idle)) events.Add((ended + idle, ended, true));
            all.Add((ended, idle));
        }
        foreach (var (at, endedAt, returns) in events.OrderBy(one => one.At))
            if (returns) history.Returned(TimeSpan.FromSeconds(endedAt), TimeSpan.FromSeconds(at));
            else history.Ended(TimeSpan.FromSeconds(at));
        var now = events.Max(one => one.At) + 100_000;
        history.CountUntil(TimeSpan.FromSeconds(now));
        for (var step = 0; step < 24; step++)
        {
            var came = all.Count(one => IdleSteps.Of(one.Idle) == step && double.IsFinite(one.Idle));
            var waited = all.Count(one => one.Idle >= IdleSteps.To(step));
            Assert.Equal((double)came / (came + waited), history.Chance(step, 0, 0), 9);
        }
    }

    [Fact]
    public void WhoStillWaits_CountsForTheStepsThatHeHasWaitedThrough()
    {
        var history = new ReturnHistory();
        for (var turn = 0; turn < 100; turn++) history.Ended(TimeSpan.FromSeconds(1000));
        history.CountUntil(TimeSpan.FromSeconds(1100));
        Assert.Equal(0, history.Chance(IdleSteps.Of(10), 1, 1e-6), 6);    // a hundred have waited through it, none has come
        Assert.Equal(0.5, history.Chance(IdleSteps.Of(200), 0.5, 1), 6); // nobody has been there yet
    }

    [Fact]
    public void Rate_CountsABurstThatIsStillToCome()
    {
        var rates = new ReturnRates();
        rates.Set(step => step == IdleSteps.Of(100) ? 1 : 0);
        Assert.InRange(rates.After(0), 1 / IdleSteps.To(IdleSteps.Of(100)), 1 / IdleSteps.From(IdleSteps.Of(100)));
        Assert.True(rates.After(80) > rates.After(10));
        Assert.Equal(0, rates.After(1000));
    }

    [Fact]
    public void PrefillCost_IsFittedToWhatWasMeasured()
    {
        var cost = PrefillCost.Fit([(1000, 2), (2000, 6), (4000, 20)]); // 1 ms a token, and 1 µs for each pair
        Assert.Equal(0.001, cost.Linear, 9);
        Assert.Equal(1e-6, cost.Square, 12);
        Assert.Equal(14, cost.Seconds(2000, 4000), 6);
        Assert.Equal((0.001, 0), (PrefillCost.Fit([(1000, 1)]).Linear, PrefillCost.Fit([(1000, 1)]).Square));
        Assert.True(PrefillCost.Fit([(1000, 2), (2000, 3)]) is { Linear: > 0, Square: 0 }); // never cheaper the deeper
    }
}
