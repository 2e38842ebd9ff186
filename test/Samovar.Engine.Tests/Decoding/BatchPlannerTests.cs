using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Whose prompt is next, as a pure function.</summary>
public sealed class BatchPlannerTests
{
    private const int Chunk = 96;

    [Fact]
    public void Next_IsTheEarliestDeadline() =>
        Assert.Equal(1, BatchPlanner.Next([Of(5000), Of(20), new BatchCandidate(true, 0, 0)]));

    [Fact]
    public void Next_IsTheFlowThatUsedLeast_WhateverItsDeadline() =>
        Assert.Equal(1, BatchPlanner.Next([Of(20) with { Used = 2 }, Of(5000) with { Used = 1 }]));

    [Fact]
    public void Next_IsWhoWasPassedOverForLong_WhoeverUsedLess() =>
        Assert.Equal(0, BatchPlanner.Next([Of(5000) with { Used = 2, Waited = 2 * BatchPlanner.WaitedMax }, Of(20) with { Used = 1 }]));

    [Fact]
    public void Next_IsNobody_WhenAllPromptsAreComputed() => Assert.Equal(-1, BatchPlanner.Next([new BatchCandidate(true, 0, 0)]));

    [Fact]
    public void LongPrompt_IsComputed_HoweverManyShortOnesKeepComing()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var (random, computed, rounds) = (new Random(seed), 0L, 0);
            const int longest = 20_000;
            var turns = new List<BatchCandidate> { Of(longest), new(true, 0, 0) };
            while (turns[0].PrefillLeft > 0)
            {
                if (turns.Count < 8) turns.Add(Of(random.Next(1, 200), computed)); // a short one is always there
                var chosen = BatchPlanner.Next(turns.ToArray());
                var tokens = Math.Min(Chunk, turns[chosen].PrefillLeft);
                computed += tokens;
                for (var index = 0; index < turns.Count; index++)
                {
                    Assert.True(turns[index].Waited <= (BatchPlanner.WaitedMax + 1) * turns.Count, "A prompt waits too long.");
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

    private static BatchCandidate Of(int tokens, long computed = 0) =>
        new(false, tokens, 0, Deadline: BatchPlanner.Deadline(computed, tokens));
}
