using Samovar.Bench.Traces;
using Samovar.Bench.Transport;
using Xunit;

namespace Samovar.Bench.Tests.Traces;

/// <summary>What a trace becomes: text for its blocks, and a conversation that goes on or begins again.</summary>
public sealed class TraceTasksTests
{
    private const int Seed = 7;

    [Fact]
    public void Prompt_ThatBeginsAsTheOneBefore_IsContinuedByWhatIsNew()
    {
        var steps = Steps([Turn(0, 640, 20, Blocks(1, 10)), Turn(10, 1280, 20, Blocks(1, 20))]);
        Assert.All(steps, step => Assert.Null(step.Keeps));
        Assert.Equal((640 - 192) * 4, steps[0].NewBytes); // tools and instructions are no part of the news
        Assert.Equal((1280 - 640 - 20) * 4, steps[1].NewBytes); // nor is the answer that came between
        Assert.Equal(20 * 4 - 28, steps[0].OutputBytes); // with what stands around it in a call
        Assert.True(steps[0].EndsWithCall);
    }

    /// <summary>Where the template's end stood the block has another name in the next prompt.</summary>
    [Fact]
    public void Prompt_WhoseLastBlockAloneHasChanged_IsContinued() =>
        Assert.Null(Steps([Turn(0, 641, 20, Blocks(1, 10)), Turn(10, 1280, 20, [.. Blocks(1, 9), .. Blocks(50, 11)])])[1].Keeps);

    [Fact]
    public void Prompt_ThatShrinksOrChanges_BeginsAgain_WithTheTurnsThatAreStillWhole()
    {
        var steps = Steps([
            Turn(0, 640, 20, Blocks(1, 10)), Turn(1, 1280, 20, Blocks(1, 20)), Turn(2, 1920, 20, Blocks(1, 30)),
            Turn(3, 1600, 20, [.. Blocks(1, 22), .. Blocks(70, 3)]), // an edit in the third turn
            Turn(4, 640, 20, [.. Blocks(1, 4), .. Blocks(80, 6)]), // a compaction
            Turn(5, 640, 20, Blocks(100, 10)), // another conversation
        ]);
        Assert.Equal([null, null, null, 2, 0, 0], steps.Select(step => step.Keeps));
        Assert.Equal((1600 - 1300) * 4, steps[3].NewBytes);
        Assert.Equal((640 - 192) * 4, steps[4].NewBytes);
        Assert.Equal([true, true, true, true, true, false], steps.Select(step => step.Start is null));
    }

    [Fact]
    public void Blocks_WithOneName_SayTheSame_WhereverTheyStand()
    {
        var (one, other) = (new TraceWords([1, 2, 3], 256, 0), new TraceWords([9, 3, 1], 256, 0));
        var (a, b) = (one.OfLength(768, Seed), other.OfLength(768, Seed));
        Assert.Equal(a[512..], b[256..512]);
        Assert.Equal(a[..256], b[512..]);
        Assert.NotEqual(a[..256], b[..256]);
        Assert.NotEqual(a, one.OfLength(768, Seed + 1)); // another round says other words
        Assert.Equal(a[300..700], new TraceWords([1, 2, 3], 256, 300).OfLength(400, Seed));
        Assert.Equal(1000, one.OfLength(1000, Seed).Length); // behind the last whole block there is text, too
    }

    [Fact]
    public void Scale_MakesEverythingSmaller_AndPausesAreCapped()
    {
        TraceTurn[] turns = [Turn(0, 64_000, 200, Blocks(1, 1000)),
            Turn(10, 128_000, 200, Blocks(1, 2000)) with { Pause = TimeSpan.FromSeconds(50) }];
        var step = Steps(turns, new TracePlay(0.125, TimeSpan.FromSeconds(3)))[1];
        Assert.Equal((128_000 - 64_000 - 200) / 2, step.NewBytes);
        Assert.Equal(TimeSpan.FromSeconds(3), step.Pause);
        Assert.Equal(TimeSpan.Zero, Steps(turns)[1].Pause);
    }

    /// <summary>Numbers of a hostile file: nothing becomes negative, or larger than a turn may be.</summary>
    [Fact]
    public void Sizes_StayWithinBounds_WhateverTheFileSays()
    {
        var most = new TraceLimits().TokensMax;
        var turns = Enumerable.Range(0, 300).Select(turn => Turn(turn, turn % 2 == 0 ? most : 1, most, [])).ToArray();
        Assert.All(Steps(turns, toolTokens: most, systemTokens: most), step =>
        {
            Assert.InRange(step.NewBytes, 1, most * 4);
            Assert.InRange(step.OutputBytes, 1, 999_999);
        });
    }

    [Fact]
    public void SubAgent_StartsBehindTheAnswerThatCalledIt_AndIsAwaitedByTheNextRequest()
    {
        var sub = new TraceSubAgent(new TraceSession("agent_001", 0, 0, [Turn(0, 64, 1, [5])]), Seconds(11), Seconds(15));
        var session = Session([Turn(0, 640, 2, Blocks(1, 10)) with { Took = Seconds(10) }, Turn(12, 700, 2, Blocks(1, 10)),
            Turn(16, 800, 2, Blocks(1, 12))]) with { SubAgents = [sub] };
        var tasks = new TraceTasks(new TraceFile("trace_0001", 64, session), new TracePlay(1, Seconds(60))).All();
        Assert.Equal([("trace-0001-lanes", true), ("trace-0001-sockets", false)], tasks.Select(task => (task.Name, task.SharesSocket)));
        var agent = Assert.Single(tasks[0].SubAgents);
        Assert.Equal(("agent_001", 1, 2, Seconds(1)), (agent.Session, agent.After, agent.Before, agent.Pause));
        Assert.Empty(new TraceTasks(new TraceFile("trace_0001", 64, session with { SubAgents = [sub with { StartsAt = Seconds(13) }] }),
            new TracePlay(1, TimeSpan.Zero, TurnsMax: 1)).All()[0].SubAgents); // its parent does not come so far
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static int[] Blocks(int first, int count) => [.. Enumerable.Range(first, count)];

    private static TraceTurn Turn(double at, int input, int output, IReadOnlyList<int> blocks) =>
        new(Seconds(at), TimeSpan.Zero, input, output, blocks, StopsForTool: true, TimeSpan.Zero);

    private static TraceSession Session(IReadOnlyList<TraceTurn> turns, int toolTokens = 128, int systemTokens = 64) =>
        new("trace-0001", toolTokens, systemTokens, turns);

    private static IReadOnlyList<AgentStep> Steps(TraceTurn[] turns, TracePlay? play = null, int toolTokens = 128, int systemTokens = 64) =>
        Assert.Single(new TraceTasks(new TraceFile("trace_0001", 64, Session(turns, toolTokens, systemTokens)),
            play ?? new TracePlay(1, TimeSpan.Zero)).All()).Steps;
}
