using Samovar.Bench.Workloads.Retention;
using Samovar.Engine;
using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Bench.Tests.Retention;

/// <summary>Sessions whose best is known by hand, and what holds of any.</summary>
public sealed class RetentionReplayTests
{
    private static readonly TurnEnding Call = new(StopKind.ToolCall), Answer = new(StopKind.EndTurn);

    [Fact]
    public void Optimum_KeepsWhoComesFirst_WhereLruKeepsWhoCameLast()
    {
        // a is used at 0, b at 10; a comes again at 20, b at 90: room for one of them
        SessionPlay[] Sessions() => [Chain(0, 4, 20), Chain(10, 4, 80)];
        Assert.Equal(4, Play(new FurthestNextUse(), 4, Sessions()).AgainBlocks);
        Assert.Equal(8, Play(new PolicyOrder(new RecencyPolicy(), PrefillCost.Flat), 4, Sessions()).AgainBlocks);
    }

    [Fact]
    public void Optimum_KeepsAPart_WhereAllDoesNotFit() =>
        Assert.Equal(3, Play(new FurthestNextUse(), 5, Chain(0, 4, 20), Chain(10, 4, 80)).AgainBlocks);

    [Fact]
    public void Memory_IsFree_WhileATurnRuns()
    {
        var running = new SessionShape("r", 1, 1, [new ShapeSegment(-1, 0, 4)],
            [new ShapeTurn(0, 5, [0], [1], Call, 0, -1), new ShapeTurn(10, 15, [0], [-1], Call, 0, 0)]);
        Assert.Equal(0, Play(new FurthestNextUse(), 4, new SessionPlay(running, 0), Chain(11, 4, 2)).AgainBlocks); // from 12 to 13
    }

    [Fact]
    public void Foresight_KeepsTheCostlier_WhereBothComeAtOnce()
    {
        var cost = new PrefillCost(0, 0.5); // the first four tokens take 8 s, the next four 24 s
        var figures = Play(new LeastSavedPerWait(cost), 8, cost, null, Chain(0, 8, 20), Chain(1, 4, 20), Chain(2, 4, 20));
        Assert.Equal((8, 16.0), (figures.AgainBlocks, figures.AgainSeconds));
    }

    [Fact]
    public void Value_GivesUpSupersededState_BeforeAnythingThatMayComeBack()
    {
        // its second prompt keeps 1 of 4 blocks and adds one: of 3 + 4 + 1 blocks there is room for 7
        var compacts = new SessionShape("c", 1, 1, [new ShapeSegment(-1, 0, 1), new ShapeSegment(0, 1, 3), new ShapeSegment(0, 1, 1)],
        [
            new ShapeTurn(0, 1, [0, 1], [1, -1], Call, 0, -1), new ShapeTurn(2, 3, [0, 2], [2, 2], Call, 0, 0),
            new ShapeTurn(20, 21, [0, 2], [-1, -1], Call, 0, 1),
        ]);
        Assert.Equal(0, Play(Order("value"), 7, Chain(-1, 3, 20), new SessionPlay(compacts, 0)).AgainBlocks);
        Assert.Equal(1, Play(Order("lru"), 7, Chain(-1, 3, 20), new SessionPlay(compacts, 0)).AgainBlocks); // the other was used before
    }

    [Fact]
    public void Value_GivesUpAnAnswersState_BeforeACalls()
    {
        SessionPlay[] Sessions() => [Chain(0, 4, 8), Chain(3, 4, 900, Answer)]; // both come again: one of them has to be computed
        Assert.Equal(4, Play(Order("value"), 4, Sessions()).AgainBlocks);
        Assert.Equal(8, Play(Order("lru"), 4, Sessions()).AgainBlocks);
    }

    [Theory]
    [InlineData("lru")]
    [InlineData("ttl")]
    [InlineData("value")]
    [InlineData("optimum")]
    [InlineData("foresight")]
    public void CachedAndPrefilled_AreWhatCameIn_AndMemoryStaysWithinItsBudget(string name)
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var shapes = RandomShapes(seed);
            foreach (var blocksMax in new[] { 0, 7, 60, 400, int.MaxValue })
            {
                var figures = Play(Order(name), blocksMax, PrefillCost.Measured, null, [.. new Arrivals(shapes, 6, seed).Recorded()]);
                Assert.Equal(figures.InputBlocks, figures.CachedBlocks + figures.NewBlocks + figures.AgainBlocks);
                Assert.InRange(figures.BlocksMax, 0, blocksMax);
                if (blocksMax == int.MaxValue) Assert.Equal(0, figures.AgainBlocks);
                Assert.Equal(figures.AgainBlocks == 0, figures.AgainSeconds == 0);
            }
        }
    }

    [Fact]
    public void Optimum_IsBelowEveryPolicy_AndNothingWithMemoryForAllLiveTokens()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var shapes = RandomShapes(seed);
            SessionPlay[] Sessions() => [.. new Arrivals(shapes, 6, seed).Recorded()];
            var live = Play(new FurthestNextUse(), long.MaxValue, Sessions()).BlocksMax;
            Assert.Equal(0, Play(new FurthestNextUse(), live, Sessions()).AgainBlocks);
            Assert.True(Play(new FurthestNextUse(), live - 1, Sessions()).AgainBlocks > 0);
            foreach (var blocksMax in new[] { live / 8, live / 4, live / 2 })
            {
                var least = Play(new FurthestNextUse(), blocksMax, Sessions()).AgainBlocks;
                foreach (var name in RetentionNames.All.Append("foresight"))
                    Assert.True(least <= Play(Order(name), blocksMax, Sessions()).AgainBlocks);
            }
        }
    }

    /// <summary>Where each token costs the same, the bound's program is what Belady's rule solves: both must meet.</summary>
    [Fact]
    public void Bound_IsBelowAll_AndMeetsTheOptimumWhereTokensCostTheSame()
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var shapes = RandomShapes(seed);
            SessionPlay[] Sessions() => [.. new Arrivals(shapes, 6, seed).Recorded()];
            foreach (var cost in new[] { PrefillCost.Flat, PrefillCost.Measured })
            {
                var waits = new List<Wait>();
                var live = Play(new FurthestNextUse(), long.MaxValue, cost, waits, Sessions()).BlocksMax;
                var none = Play(new RecencyPolicy(), 0, cost, Sessions()).AgainSeconds;
                Assert.Equal(none, new LeastSeconds(waits).For(0), 6);
                Assert.Equal(0, new LeastSeconds(waits).For(live * 2), none / 100);
                foreach (var blocksMax in new[] { live / 4, live / 2 })
                {
                    var bound = new LeastSeconds(waits).For(blocksMax);
                    foreach (var name in RetentionNames.All.Append("foresight").Append("optimum"))
                        Assert.True(bound <= Play(Order(name), blocksMax, cost, null, Sessions()).AgainSeconds + 1e-9);
                    if (cost.Square != 0) continue;
                    var least = Play(new FurthestNextUse(), blocksMax, cost, null, Sessions()).AgainSeconds;
                    Assert.InRange(bound, least * 0.9, least + 1e-9);
                }
            }
        }
    }

    [Fact]
    public void Value_FreesWhatHasEnded_WhereClientsSayIt()
    {
        // one conversation is over at 1; of the others, which come back, there is room for two
        SessionPlay[] Sessions() => [Over(0, 4), Chain(1, 4, 20, Answer), Chain(2, 4, 20, Answer)];
        Assert.Equal(4, Play(Order("value"), 8, Sessions()).AgainBlocks);
        Assert.Equal(0, Play(new PolicyOrder(new ValuePolicy(), PrefillCost.Measured, hearsEnds: true), 8, Sessions()).AgainBlocks);
    }

    [Fact]
    public void SmallSession_SharesWhatItShared()
    {
        foreach (var shape in RandomShapes(4))
        {
            var small = SmallShape.Of(shape, 256);
            foreach (var (turn, large) in small.Turns.Zip(shape.Turns))
            {
                Assert.Equal(turn.Start, turn.End);
                Assert.All(turn.Path, segment => Assert.True(small.Segments[segment].Blocks > 0));
                Assert.Equal(large.Path.Sum(segment => shape.Segments[segment].Blocks) / 4,
                    turn.Path.Sum(segment => small.Segments[segment].Blocks));
                for (var place = 0; place < turn.Path.Length; place++)
                    Assert.Equal(place == 0 ? -1 : turn.Path[place - 1], small.Segments[turn.Path[place]].Parent);
            }
        }
    }

    [Fact]
    public void Replay_IsTheSameAgain_AndDrawnSessionsAreMadeOneByOne()
    {
        var shapes = RandomShapes(3);
        ReplayFigures Run(int sessions) =>
            new Replay(Order("value"), 300, PrefillCost.Measured).Run(new Arrivals(shapes, 5, 9).Drawn(sessions));
        Assert.Equal(Run(500), Run(500));
        Assert.Equal(500, Run(500).Sessions);
        var made = 0;
        IEnumerable<SessionPlay> Counted() => new Arrivals(shapes, 5, 9).Drawn(500).Select(session => { made++; return session; });
        Assert.Equal(0, Counted().Take(3).Count() - made);
    }

    private static IVictimOrder Order(string name) => name switch
    {
        "optimum" => new FurthestNextUse(),
        "foresight" => new LeastSavedPerWait(PrefillCost.Measured),
        _ => new PolicyOrder(RetentionPolicies.Create(name), PrefillCost.Measured),
    };

    private static ReplayFigures Play(IVictimOrder order, long blocksMax, params SessionPlay[] sessions) =>
        Play(order, blocksMax, PrefillCost.Flat, null, sessions);

    private static ReplayFigures Play(IRetentionPolicy policy, long blocksMax, PrefillCost cost, SessionPlay[] sessions) =>
        Play(new PolicyOrder(policy, cost), blocksMax, cost, null, sessions);

    private static ReplayFigures Play(
        IVictimOrder order, long blocksMax, PrefillCost cost, List<Wait>? waits, params SessionPlay[] sessions) =>
        new Replay(order, blocksMax, cost, waits).Run(sessions.OrderBy(session => session.Start(0)));

    /// <summary>One prompt of so many blocks, of one token each, that comes twice.</summary>
    private static SessionPlay Chain(double at, int blocks, double pause, TurnEnding? ending = null) => new(new SessionShape("chain", 1, 1,
        [new ShapeSegment(-1, 0, blocks)],
        [
            new ShapeTurn(0, 1, [0], [1], ending ?? Call, 0, -1), new ShapeTurn(1 + pause, 2 + pause, [0], [-1], ending ?? Call, 0, 0),
        ]), at);

    /// <summary>One prompt that comes once, and was its conversation's last.</summary>
    private static SessionPlay Over(double at, int blocks) => new(new SessionShape("over", 1, 1, [new ShapeSegment(-1, 0, blocks)],
        [new ShapeTurn(0, 1, [0], [-1], Call, 0, -1) { IsLast = true }]), at);

    /// <summary>Sessions that grow, compact, go back, and have sub-agents with a shared start beside them.</summary>
    private static List<SessionShape> RandomShapes(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 30).Select(number => RandomShape("s" + number, random))];
    }

    private static SessionShape RandomShape(string name, Random random)
    {
        var segments = new List<ShapeSegment>();
        var (lanes, turns, paths) = (1 + random.Next(3), new List<ShapeTurn>(), new List<int[]>());
        var (newest, start) = (Enumerable.Repeat(-1, lanes).ToArray(), 0.0);
        var count = 2 + random.Next(15);
        for (var turn = 0; turn < count; turn++)
        {
            var lane = random.Next(lanes);
            var path = newest[lane] >= 0 ? paths[newest[lane]].ToList() : segments.Count > 0 ? [0] : [];
            if (random.Next(5) == 0 && path.Count > 1) path.RemoveRange(1, path.Count - 1);
            for (var more = random.Next(3); more >= 0; more--)
            {
                segments.Add(path.Count == 0 ? new ShapeSegment(-1, 0, 1 + random.Next(9))
                    : new ShapeSegment(path[^1], segments[path[^1]].From + segments[path[^1]].Blocks, 1 + random.Next(9)));
                path.Add(segments.Count - 1);
            }
            var stop = random.Next(4) == 0 ? Answer : Call;
            var end = start + random.NextDouble() * 9;
            turns.Add(new ShapeTurn(start, end, [.. path], [], stop with { IsSubAgent = lane > 0 }, lane, newest[lane]));
            paths.Add([.. path]);
            newest[lane] = turn;
            start += random.NextDouble() * 40;
        }
        for (var turn = 0; turn < count; turn++)
            turns[turn] = turns[turn] with
            {
                NextUse = [.. paths[turn].Select(segment => paths.FindIndex(turn + 1, other => other.Contains(segment)))],
            };
        return new SessionShape(name, 64, lanes, [.. segments], [.. turns]);
    }
}
