using Samovar.Engine.Drafting;

namespace Samovar.Engine.Tests.Drafting;

public sealed class DraftCostsTests
{
    [Fact]
    public void SizesThatWereNotMeasured_CostWhatTheirNeighboursSay()
    {
        var costs = Of((1, 2), (8, 14), (32, 38)).Batches;
        Assert.Equal([1, 7, 7, 7, 11, 19], costs);
    }

    [Fact]
    public void SizesBeyondTheLargest_CostAsMuchMoreAsIsUsual()
    {
        var (costs, usual) = (Of((1, 1), (2, 3), (4, 5), (8, 8.8)).Batches, DraftCosts.Processor.Batches);
        Assert.Equal([1, 3, 5, 8.8], costs.Take(4));
        Assert.Equal(8.8 * usual[5] / usual[3], costs[5], 9);
    }

    private static DraftCosts Of(params (int Tokens, double Seconds)[] measured) => DraftCosts.Of(
        new SortedDictionary<int, double>(measured.ToDictionary(one => one.Tokens, one => one.Seconds)), DraftCosts.Processor);
}
