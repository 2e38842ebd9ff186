using Samovar.Bench.Edge;
using Samovar.Bench.Links;

namespace Samovar.Bench.Tests;

/// <summary>Agents on a bad link at their smallest, with and without an edge: what is counted, never how fast.</summary>
public sealed class EdgeWorkloadTests
{
    private static readonly LinkShape Short = new("short", TimeSpan.FromMilliseconds(20), 0, 0, 0);
    private static readonly EdgePlan Plan = new(Short, [1000], Calls: 6, CutEvery: TimeSpan.FromHours(1), LinkMethod.Userspace);

    [Fact]
    public async Task BehindAnEdge_TheSameTask_SendsAFewPerCent()
    {
        var played = await PlayAsync(Plan);
        Assert.Equal(2 * 4, played.Count);
        Assert.All(played, one => Assert.Equal(
            (6, 0, 0, null, true), (one.Outcome.Ended, one.Outcome.Timeouts, one.Outcome.Errors, one.Outcome.Error, one.IsDone)));
        Assert.All(played.Where(one => one.Way is EdgeWay.Direct or EdgeWay.DirectCut), one => Assert.Equal(1, one.ShareUp));
        Assert.All(played.Where(one => one.Way is EdgeWay.Edge or EdgeWay.EdgeCut), one => Assert.InRange(one.ShareUp, 0.01, 0.15));
        EdgeTable.Write(Plan, played);
    }

    [Fact]
    public async Task TurnThatTakesTooLong_IsAskedForAgain_UntilTheTaskIsGivenUp()
    {
        var played = await PlayAsync(Plan with
        {
            Link = LinkShape.Airplane, TurnMax = TimeSpan.FromMilliseconds(300), TriesMax = 2, // less than the link's round trip
            Ways = [EdgeWay.Direct, EdgeWay.Edge],
        });
        Assert.All(played, one => Assert.Equal(
            (0, 2, 0, false), (one.Outcome.Ended, one.Outcome.Timeouts, one.Outcome.Errors, one.IsDone)));
    }

    [Fact]
    public async Task LinkThatIsCut_IsCounted()
    {
        var played = await PlayAsync(Plan with
        {
            CutEvery = TimeSpan.FromMilliseconds(50), TurnMax = TimeSpan.FromSeconds(1), TriesMax = 1, Ways = [EdgeWay.DirectCut],
            Link = LinkShape.Airplane,
        });
        Assert.All(played, one => Assert.True(one is { Cuts: > 0, IsDone: false, Outcome.Timeouts: 1 }, one.ToString()));
    }

    private static Task<IReadOnlyList<EdgePlayed>> PlayAsync(EdgePlan plan) =>
        new EdgeWorkload(plan).RunAsync(static _ => { }, TestContext.Current.CancellationToken);
}
