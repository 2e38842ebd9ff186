using Samovar.Bench.Reports;
using Samovar.Bench.Workloads.Constants;

namespace Samovar.Bench.Tests.Reports;

/// <summary>The constants at their smallest: that they measure what they say. Never how fast.</summary>
public sealed class ConstantsTests
{
    [Fact]
    public async Task Restart_EndsWhatIsNotStored_AndNothingElse()
    {
        var values = (await DurabilityWorkload.RestartsAsync(rounds: 2)).ToDictionary(value => value.Name, value => value.Values);
        Assert.Equal([1.0, 1.0], values[ConstantNames.AfterRestart("http-whole")]);
        Assert.Equal([1.0, 1.0], values[ConstantNames.AfterRestart("http-stored")]);
        Assert.Equal([1.0, 1.0], values[ConstantNames.AfterRestart("ws-stored")]);
        Assert.Equal([0.0, 0.0], values[ConstantNames.AfterRestart("ws")]);
        Assert.Equal(DurabilityWorkload.RestartNames.Order(), values.Keys.Order());
    }

    [Fact]
    public async Task Storing_IsCounted_ForEachRound()
    {
        var values = await new StoringWorkload(Rounds: 2).MeasureAsync();
        Assert.Equal(StoringWorkload.Names, values.Select(value => value.Name));
        Assert.All(values, value => Assert.Equal(2, value.Values.Count));
        Assert.All(values.Single(value => value.Name == ConstantNames.ChainBytes).Values, bytes => Assert.InRange(bytes, 500, 100_000));
    }
}
