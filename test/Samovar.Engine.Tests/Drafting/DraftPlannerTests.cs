using Samovar.Engine.Drafting;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>How much of a draft is computed: what pays, and never on account of others.</summary>
public sealed class DraftPlannerTests
{
    private static readonly DraftCosts Cheap = DraftCosts.Accelerator, Dear = DraftCosts.Processor;

    [Fact]
    public void LongMatches_AreDraftedLong_AndShortOnesShortOrNotAtAll()
    {
        var odds = new DraftOdds();
        for (var token = 0; token < 60; token++) odds.Learn(24, isRight: true);
        var (longer, shorter) = (Plan(Dear, 40, Turn(24, 40, odds))[0], Plan(Dear, 40, Turn(3, 40, odds))[0]);
        Assert.InRange(longer, 8, 40);
        Assert.True(shorter < longer / 2);
    }

    [Fact]
    public void DraftsThatWereWrong_AreLeft_AndComeBackWhenTheyWouldBeRight()
    {
        var odds = new DraftOdds();
        Assert.True(Plan(Dear, 40, Turn(24, 40, odds))[0] > 0);
        for (var token = 0; token < 30; token++) odds.Learn(24, isRight: false);
        Assert.Equal(0, Plan(Dear, 40, Turn(24, 40, odds))[0]);
        for (var token = 0; token < 150; token++) odds.Learn(24, isRight: true);
        Assert.True(Plan(Dear, 40, Turn(24, 40, odds))[0] > 8);
    }

    [Fact]
    public void BatchesThatCostAsMuchAsTheirTokensAlone_HaveNoDrafts() =>
        Assert.Equal([0], Plan(new DraftCosts([1, 2, 4, 8, 16, 32], 0, 0, IsMeasured: true), 40, Turn(24, 40)));

    [Fact]
    public void DepthThatMakesBatchesDear_EndsDrafts()
    {
        var costs = Dear with { LoneDepth = 0.01, BatchDepth = 0.0098 };
        Assert.True(Plan(costs, 40, Turn(24, 40))[0] > 0);
        Assert.Equal(0, Plan(costs, 40, Turn(24, 40) with { Depth = 100_000 })[0]);
    }

    [Fact]
    public void DraftsOfOne_LeaveTheOthersTheirPace()
    {
        var odds = new DraftOdds();
        for (var token = 0; token < 200; token++) odds.Learn(24, isRight: true);
        DraftCandidate[] turns = [Turn(24, 40, odds), Turn(0, 0)];
        foreach (var costs in new[] { Cheap, Dear })
        {
            var lengths = Plan(costs, 40, turns);
            Assert.Equal(0, lengths[1]);
            Assert.True(costs.Of([lengths[0] + 1, 1], 0) <= DraftPlanner.SlowerMax * costs.Of([1, 1], 0));
        }
        Assert.True(Plan(Cheap, 40, turns)[0] > 4);
    }

    [Fact]
    public void TurnWithADraftThatIsWorthLittle_KeepsItsPace_BesideOneWhoseDraftIsLong()
    {
        var (sure, unsure) = (new DraftOdds(), new DraftOdds());
        for (var token = 0; token < 400; token++) sure.Learn(24, isRight: true);
        foreach (var costs in new[] { Cheap, Dear })
            for (var most = 1; most < 40; most++)
            {
                DraftCandidate[] turns = [Turn(24, 40, sure), Turn(24, most, unsure)];
                var lengths = Plan(costs, 62, turns);
                var expected = 1 + Enumerable.Range(1, lengths[1]).Sum(length => Math.Pow(unsure.Chance(24), length));
                Assert.True(costs.Of([lengths[0] + 1, lengths[1] + 1], 0)
                    <= DraftPlanner.SlowerMax * costs.Of([1, 1], 0) * expected + 1e-9, $"{most}: {lengths[0]}, {lengths[1]}");
            }
    }

    [Fact]
    public void RandomTurns_NeverHaveMoreThanRoomOrThanWasFound()
    {
        var random = new Random(3);
        for (var round = 0; round < 2000; round++)
        {
            var turns = Enumerable.Range(0, random.Next(1, 9)).Select(_ => Turn(random.Next(0, 30), random.Next(0, 41))).ToArray();
            var room = random.Next(0, 60);
            var lengths = Plan(random.Next(2) == 0 ? Cheap : Dear, room, turns);
            Assert.True(lengths.Sum() <= room);
            for (var at = 0; at < turns.Length; at++) Assert.InRange(lengths[at], 0, turns[at].LengthMax);
        }
    }

    [Fact]
    public void CostsOfSeveralStreams_AreThoseOfTheirEqualParts()
    {
        Assert.Equal(Dear.Of(4, 0), Dear.Of([1, 1, 1, 1], 0));
        Assert.Equal(Dear.Of(2, 0) + Dear.Of(8, 0), Dear.Of([9, 1], 0));
        Assert.Equal(Dear.Of(18, 0), Dear.Of([9, 9], 0));
    }

    private static DraftCandidate Turn(int matched, int lengthMax, DraftOdds? odds = null) =>
        new(0, [.. Enumerable.Range(matched, lengthMax)], lengthMax, odds ?? new DraftOdds());

    private static int[] Plan(DraftCosts costs, int room, params DraftCandidate[] turns)
    {
        var lengths = new int[turns.Length];
        DraftPlanner.Plan(turns, costs, room, lengths);
        return lengths;
    }
}
