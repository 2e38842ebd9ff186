using Samovar.Engine.Retention;

namespace Samovar.Engine.Tests.Retention;

public sealed class PrefillMeterTests
{
    private const int Chunk = 512;
    private readonly PrefillMeter _meter = new();

    [Fact]
    public void Cost_IsThatOfTheSteps_WhenThirtyTwoWereMeasured()
    {
        var real = new PrefillCost(2e-5, 3e-10);
        for (var step = 0; step < 31; step++) Measure(real, step % 8);
        Assert.Equal((PrefillCost.Measured, 0), (_meter.Cost, _meter.Version));
        Measure(real, 7);
        Assert.Equal(1, _meter.Version);
        Assert.InRange(_meter.Cost.Linear / real.Linear, 0.99, 1.01);
        Assert.InRange(_meter.Cost.Square / real.Square, 0.99, 1.01);
    }

    [Fact]
    public void Cost_StaysAsItIs_WhileItWouldChangeNoOrder_AndFollowsWhatDoes()
    {
        var real = new PrefillCost(2e-5, 3e-10);
        for (var step = 0; step < 64; step++) Measure(real, step % 8);
        var first = _meter.Cost;
        for (var step = 0; step < 6400; step++) Measure(new PrefillCost(2.2e-5, 3.3e-10), step % 8); // a tenth more
        Assert.Equal((first, 1), (_meter.Cost, _meter.Version));
        var slow = new PrefillCost(2e-4, 3e-9);
        for (var step = 0; step < 16_000; step++) Measure(slow, step % 8); // others use the machine now
        Assert.True(_meter.Version > 1);
        Assert.InRange(_meter.Cost.Seconds(0, 16_384) / slow.Seconds(0, 16_384), 0.75, 1.35);
    }

    [Fact]
    public void SmallSteps_AndThoseThatTookNoTime_DoNotCount()
    {
        for (var step = 0; step < 1000; step++)
        {
            _meter.Measured(step, step + 31, TimeSpan.FromSeconds(1));
            _meter.Measured(0, Chunk, TimeSpan.Zero);
        }
        Assert.Equal((PrefillCost.Measured, 0), (_meter.Cost, _meter.Version));
    }

    [Fact]
    public void Cost_HasNoPartBelowZero_WhateverTheNoise()
    {
        var random = new Random(3);
        for (var step = 0; step < 4096; step++)
        {
            var from = random.Next(16) * Chunk;
            _meter.Measured(from, from + Chunk, TimeSpan.FromMilliseconds(1 + 400 * random.NextDouble()));
            Assert.True(_meter.Cost is { Linear: >= 0, Square: >= 0 } && _meter.Cost.Seconds(0, 1) > 0, $"{_meter.Cost}");
        }
    }

    private void Measure(PrefillCost real, int chunk) =>
        _meter.Measured(chunk * Chunk, (chunk + 1) * Chunk, TimeSpan.FromSeconds(real.Seconds(chunk * Chunk, (chunk + 1) * Chunk)));
}
