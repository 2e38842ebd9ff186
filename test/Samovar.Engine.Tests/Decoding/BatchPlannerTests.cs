using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>The batch plan as a pure function.</summary>
public sealed class BatchPlannerTests
{
    private const int Batch = 512;
    private const int Chunk = 96;

    [Fact]
    public void Prefill_TakesTheWholeBatch_WhenNobodyDecodes() =>
        Assert.Equal((0, Batch), BatchPlanner.Prefill([new BatchCandidate(false, 5000, 0)], Batch, Chunk));

    [Fact]
    public void Prefill_TakesOneChunk_WhileOthersDecode() =>
        Assert.Equal((1, Chunk), BatchPlanner.Prefill([new BatchCandidate(true, 0, 0), new BatchCandidate(false, 5000, 0)], Batch, Chunk));

    [Fact]
    public void Prefill_TakesTheShortestFirst() =>
        Assert.Equal((1, 20), BatchPlanner.Prefill([new BatchCandidate(false, 5000, 0), new BatchCandidate(false, 20, 0)], Batch, Chunk));

    [Fact]
    public void Prefill_IsNull_WhenAllPromptsAreComputed() =>
        Assert.Null(BatchPlanner.Prefill([new BatchCandidate(true, 0, 0)], Batch, Chunk));

    [Fact]
    public void Plans_FinishEveryPrompt_HoweverManyShortOnesKeepComing()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            const int longest = 20_000;
            var turns = new List<BatchCandidate> { new(false, longest, 0), new(true, 0, 0) };
            var rounds = 0;
            while (turns[0].PrefillLeft > 0)
            {
                if (turns.Count < 8) turns.Add(new BatchCandidate(false, random.Next(1, 200), 0)); // a short one is always there
                var (chosen, tokens) = BatchPlanner.Prefill(turns.ToArray(), Batch, Chunk)!.Value;
                Assert.InRange(tokens, 1, Math.Min(Chunk, turns[chosen].PrefillLeft));
                for (var index = 0; index < turns.Count; index++)
                {
                    Assert.True(turns[index].Waited <= BatchPlanner.WaitedMax + turns.Count, "A prompt waits too long.");
                    if (turns[index].PrefillLeft > 0)
                        turns[index] = turns[index] with
                        {
                            PrefillLeft = turns[index].PrefillLeft - (index == chosen ? tokens : 0),
                            Waited = index == chosen ? 0 : turns[index].Waited + 1,
                        };
                }
                for (var index = turns.Count - 1; index > 0; index--)
                    if (turns[index] is { Decodes: false, PrefillLeft: 0 }) turns.RemoveAt(index);
                Assert.True(++rounds < longest / Chunk * 16, "The long prompt starves.");
            }
        }
    }

    [Fact]
    public void Chunk_FollowsTheMeasuredSpeed()
    {
        var clock = new StepClock(TimeSpan.FromMilliseconds(100), Batch);
        for (var round = 0; round < 30; round++) clock.Prefilled(100, TimeSpan.FromMilliseconds(100)); // 1 ms a token
        Assert.Equal(96, clock.ChunkTokens);
        for (var round = 0; round < 30; round++) clock.Prefilled(100, TimeSpan.FromMilliseconds(10));
        Assert.Equal(Batch, clock.ChunkTokens);
        for (var round = 0; round < 30; round++) clock.Prefilled(100, TimeSpan.FromSeconds(10));
        Assert.Equal(8, clock.ChunkTokens);
        for (var round = 0; round < 60; round++) clock.Prefilled(clock.ChunkTokens, clock.ChunkTokens * TimeSpan.FromMilliseconds(1));
        Assert.InRange(clock.ChunkTokens, 88, 96);
    }

    [Fact]
    public void Chunk_IsCutAtOnce_WhenAStepTakesTwiceAsLong()
    {
        var clock = new StepClock(TimeSpan.FromMilliseconds(100), Batch);
        for (var round = 0; round < 30; round++) clock.Prefilled(100, TimeSpan.FromMilliseconds(100));
        clock.Prefilled(96, TimeSpan.FromMilliseconds(192));
        Assert.Equal(64, clock.ChunkTokens); // 58 would take longer
        clock.Prefilled(10, TimeSpan.FromMilliseconds(100)); // the end of a prompt says nothing
        Assert.Equal(64, clock.ChunkTokens); // 58 would take longer
    }

    [Fact]
    public void Chunk_HasSixtyFourTokens_WhereAFewLessWouldTakeLonger()
    {
        var clock = new StepClock(TimeSpan.FromMilliseconds(100), Batch);
        for (var round = 0; round < 30; round++) clock.Prefilled(50, TimeSpan.FromMilliseconds(100)); // 2 ms a token
        Assert.Equal(64, clock.ChunkTokens);
        for (var round = 0; round < 30; round++) clock.Prefilled(50, TimeSpan.FromMilliseconds(125));
        Assert.Equal(40, clock.ChunkTokens);
    }
}
