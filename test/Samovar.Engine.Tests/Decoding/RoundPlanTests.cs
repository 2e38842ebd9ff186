using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>What rounds contain, with the costs of real models: nobody's token or prompt waits longer than it should.</summary>
public sealed class RoundPlanTests
{
    private static readonly double DelayMax = RoundSimulation.DelayMax.TotalMilliseconds;

    public static TheoryData<string, double, int> Machines => new()
    {
        { nameof(StepCosts.Pocket), 1, 1 }, { nameof(StepCosts.Pocket), 1, 4 }, { nameof(StepCosts.Pocket), 4, 1 },
        { nameof(StepCosts.Pocket), 10, 2 }, { nameof(StepCosts.M100), 1, 1 }, { nameof(StepCosts.M100), 1, 4 },
    };

    [Theory, MemberData(nameof(Machines))]
    public void LongPrompt_DelaysTokensByNoMoreThanIsAgreed(string model, double slower, int speakers)
    {
        var rounds = Start(model, slower);
        var talking = Enumerable.Range(0, speakers).Select(_ => rounds.Add("talk", 10, int.MaxValue)).ToList();
        rounds.RunUntil(() => talking.TrueForAll(turn => turn.Intervals.Count > 20));
        foreach (var turn in talking) turn.Intervals.Clear();
        var prompt = rounds.Add("read", 16_000, 1);
        rounds.RunUntil(() => prompt.IsOver);
        var step = speakers * rounds.Costs.Token(talking[0].Depth);
        foreach (var turn in talking)
        {
            Assert.InRange(Percentile(turn.Intervals, 0.95), 0, 2 * DelayMax);
            var smallest = PrefillPace.ChunkMin * rounds.Costs.Single.First + PrefillPace.ChunkMin * rounds.Costs.Single.Depth * 16_000;
            Assert.InRange(turn.Intervals.Max(), 0, 2 * (Math.Max(DelayMax, smallest) + step));
        }
    }

    [Fact]
    public void LongPrompt_IsComputedInTiles_WhileTheseFit()
    {
        var rounds = Start(nameof(StepCosts.Pocket), 1);
        var talking = rounds.Add("talk", 10, int.MaxValue);
        rounds.RunUntil(() => talking.Intervals.Count > 20);
        var (prompt, began, floor) = (rounds.Add("read", 16_000, 1), rounds.Now, 0.0);
        for (var depth = 0; depth < 16_000; depth += 64) floor += rounds.Costs.Chunk(64, depth);
        rounds.RunUntil(() => prompt.IsOver);
        Assert.InRange(rounds.Now - began, floor, 1.6 * floor);
        Assert.All(rounds.Plans.Where(plan => plan.Turn == prompt).SkipLast(8), plan => Assert.True(plan.Tokens >= PrefillPace.Tile));
    }

    [Fact]
    public void ShallowPrompt_SaysNothingWrongOfADeepOne()
    {
        var rounds = Start(nameof(StepCosts.M100), 1);
        var talking = rounds.Add("talk", 10, int.MaxValue);
        rounds.RunUntil(() => talking.Intervals.Count > 20);
        for (var turn = 0; turn < 20; turn++) // what is measured is short prompts only
        {
            var brief = rounds.Add("short", 300, 1);
            rounds.RunUntil(() => brief.IsOver);
        }
        talking.Intervals.Clear();
        var deep = rounds.Add("deep", 300, 1, depth: 16_000);
        rounds.RunUntil(() => deep.IsOver);
        Assert.InRange(talking.Intervals.Max(), 0, 1.3 * DelayMax);
    }

    [Fact]
    public void Chunks_ShrinkWithinAFewRounds_WhereTheMachineGetsBusy()
    {
        var rounds = Start(nameof(StepCosts.Pocket), 1);
        var talking = rounds.Add("talk", 10, int.MaxValue);
        var prompt = rounds.Add("read", 60_000, 1);
        rounds.RunUntil(() => prompt.Depth > 6000);
        rounds.Costs = StepCosts.Pocket.Times(8);
        talking.Intervals.Clear();
        rounds.RunUntil(() => talking.Intervals.Count == 40);
        Assert.True(talking.Intervals.Count(interval => interval > 1.5 * DelayMax) <= 4);
    }

    [Theory]
    [InlineData(nameof(StepCosts.Pocket))]
    [InlineData(nameof(StepCosts.M100))]
    public void SixteenTurns_HaveNoIntervalAboveThreeTimesTheMean(string model)
    {
        var (rounds, random) = (Start(model, 1), new Random(16));
        for (var turn = 0; turn < 16; turn++) rounds.Add($"flow {turn % 4}", random.Next(50, 500), random.Next(100, 200));
        rounds.RunUntil(() => rounds.Turns.TrueForAll(turn => turn.PrefillLeft == 0));
        foreach (var turn in rounds.Turns) turn.Intervals.Clear();
        for (var turn = 16; turn < 100; turn++) // one that ends is followed by its next, of which most is cached
        {
            rounds.RunUntil(() => rounds.Turns.Count(running => !running.IsOver) < 16);
            rounds.Add($"flow {turn % 4}", random.Next(20, 300), random.Next(100, 200), depth: random.Next(100, 1000));
        }
        Assert.All(rounds.Turns.Where(turn => turn.Intervals.Count > 50), turn =>
            Assert.InRange(turn.Intervals.Max(), 0, 3 * turn.Intervals.Average()));
    }

    [Fact]
    public void ShortPrompt_IsNotStuckBehindALongOne()
    {
        foreach (var flow in new[] { "same", "other" })
        {
            var rounds = Start(nameof(StepCosts.Pocket), 1);
            rounds.Add("talk", 10, int.MaxValue);
            rounds.Add("same", 16_000, 1);
            for (var round = 0; round < 20; round++) rounds.Round();
            var before = rounds.Plans.Count;
            var brief = rounds.Add(flow, 200, 1);
            rounds.RunUntil(() => brief.PrefillLeft == 0);
            Assert.InRange(rounds.Plans.Count - before, 1, 6);
        }
    }

    [Fact]
    public void Prompts_OfAFlowThatUsedMuch_StillGetOn()
    {
        var rounds = Start(nameof(StepCosts.Pocket), 1);
        rounds.Add("greedy", 10, int.MaxValue);
        var one = rounds.Add("greedy", 12_000, 1);
        rounds.RunUntil(() => one.IsOver);
        var late = rounds.Add("greedy", 2000, 1);
        var (came, fresh) = (rounds.Plans.Count, 0);
        while (!late.IsOver) // newcomers never stop
        {
            if (rounds.Turns.Count(turn => !turn.IsOver && turn.Flow.Value != "greedy") < 3) rounds.Add($"new {fresh++}", 2000, 1);
            rounds.Round();
            Assert.InRange(late.Waited, 0, 4 * BatchPlanner.WaitedMax + 4);
        }
        Assert.InRange(rounds.Plans.Count - came, 1, 2000 / 64 * 18);
    }

    [Fact]
    public void PromptsOfTwoTenants_ShareRoundsEvenly()
    {
        var rounds = Start(nameof(StepCosts.Pocket), 1);
        rounds.Add("talk", 10, int.MaxValue);
        for (var turn = 0; turn < 6; turn++) rounds.Add("many", 20_000, 1);
        var few = rounds.Add("few", 20_000, 1);
        for (var round = 0; round < 400; round++) rounds.Round();
        var computed = rounds.Turns.Where(turn => turn.Flow.Value == "many").Sum(turn => turn.Depth);
        Assert.InRange(few.Depth / (double)computed, 0.7, 1.4);
    }

    [Theory]
    [InlineData(nameof(StepCosts.Pocket), 3, 100, 0, 1)]     // long answers
    [InlineData(nameof(StepCosts.Pocket), 3, 12_000, 0, 1)]  // long answers behind long contexts
    [InlineData(nameof(StepCosts.Pocket), 3, 12_000, 0, 3)]  // that draft
    [InlineData(nameof(StepCosts.Pocket), 2, 100, 4, 1)]     // long prompts
    [InlineData(nameof(StepCosts.M100), 3, 8000, 2, 1)]
    [InlineData(nameof(StepCosts.M100), 15, 1000, 0, 1)]
    public void Flood_LeavesAnothersFirstTokenWithinTwiceItsQuietTime(string model, int speakers, int depth, int prompts, double drafts)
    {
        var calm = Start(model, 1);
        var alone = calm.Add("quiet", 600, 1);
        calm.RunUntil(() => alone.IsOver);
        var rounds = Start(model, 1);
        rounds.Drafts = drafts;
        for (var turn = 0; turn < speakers; turn++) rounds.Add("flood", 10, int.MaxValue, depth);
        for (var turn = 0; turn < prompts; turn++) rounds.Add("flood", 100_000, 1);
        for (var round = 0; round < 100; round++) rounds.Round();
        var quiet = rounds.Add("quiet", 600, 1);
        rounds.RunUntil(() => quiet.IsOver);
        Assert.InRange((quiet.First!.Value - quiet.Came) / alone.First!.Value, 0, 2);
    }

    [Fact]
    public void FloodOfPromptsAlone_LetsANewcomerWaitForAShortChunkOnly()
    {
        var rounds = Start(nameof(StepCosts.M100), 1);
        for (var turn = 0; turn < 4; turn++) rounds.Add("flood", 100_000, 1, depth: 10_000 * turn);
        for (var round = 0; round < 200; round++)
        {
            var before = rounds.Now;
            rounds.Round();
            var (turn, tokens) = rounds.Plans[^1];
            Assert.True(tokens == PrefillPace.Tile || rounds.Now - before < 1.5 * DelayMax, $"{tokens} tokens at {turn!.Depth}");
        }
    }

    [Fact]
    public void StateThatWasMoved_TakesTheChunksPlaceInItsRound_ButNotTwice()
    {
        var rounds = Start(nameof(StepCosts.Pocket), 1);
        var talking = rounds.Add("talk", 10, int.MaxValue);
        rounds.Add("read", 60_000, 1);
        for (var round = 0; round < 20; round++) rounds.Round();
        talking.Intervals.Clear();
        for (var round = 0; round < 40; round++)
        {
            rounds.Move(95);
            rounds.Round();
        }
        Assert.Equal(20, rounds.Plans.TakeLast(40).Count(plan => plan.Tokens == 0));
        Assert.InRange(talking.Intervals.Max(), 95, 95 + DelayMax / 2);
    }

    private static RoundSimulation Start(string model, double slower)
    {
        var isPocket = model == nameof(StepCosts.Pocket);
        return new RoundSimulation((isPocket ? StepCosts.Pocket : StepCosts.M100).Times(slower), isPocket ? 14_000_000 : 100_000_000);
    }

    private static double Percentile(List<double> values, double part) => values.Order().ElementAt((int)(part * (values.Count - 1)));
}
