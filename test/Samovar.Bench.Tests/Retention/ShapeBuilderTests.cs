using Samovar.Bench.Traces;
using Samovar.Bench.Workloads.Retention;
using Samovar.Engine;
using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Bench.Tests.Retention;

public sealed class ShapeBuilderTests
{
    [Fact]
    public void Shape_HasASegmentForEachPartThatPromptsShare()
    {
        var shape = Shape([1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 9], [1, 2, 3, 4]);
        Assert.Equal([(-1, 0, 2), (0, 2, 1), (1, 3, 1), (2, 4, 1), (0, 2, 1)], // 1 2, 3, 4, 5, 9
            shape.Segments.Select(segment => (segment.Parent, segment.From, segment.Blocks)));
        Assert.Equal([0, 1], shape.Turns[0].Path);
        Assert.Equal([0, 1, 2, 3], shape.Turns[1].Path);
        Assert.Equal([0, 4], shape.Turns[2].Path);
        Assert.Equal([2, 3, 3, -1], shape.Turns[1].NextUse);
        Assert.Equal([-1, 0, 1, 2], shape.Turns.Select(turn => turn.Before));
    }

    [Fact]
    public void Block_IsWhatStandsInFrontOfItToo() =>
        Assert.Equal(4, Shape([1, 2], [3, 2]).Segments.Sum(segment => segment.Blocks)); // two blocks of one name

    [Fact]
    public void SubAgent_IsAConversationOfItsOwn_AtItsTime()
    {
        var agent = new TraceSession("a", 0, 0, [Turn(2, [1, 7], "end_turn")]);
        var shape = ShapeBuilder.Of(new TraceFile("t", 64, new TraceSession("t", 0, 0, [Turn(0, [1], "tool_use"), Turn(50, [1, 2], "x")])
        {
            SubAgents = [new TraceSubAgent(agent, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20))],
        }));
        Assert.Equal([(0.0, 0, -1), (12.0, 1, -1), (50.0, 0, 0)], shape.Turns.Select(turn => (turn.Start, turn.Lane, turn.Before)));
        Assert.Equal(
            [new TurnEnding(StopKind.ToolCall), new TurnEnding(StopKind.EndTurn, IsSubAgent: true), new TurnEnding(StopKind.Unknown)],
            shape.Turns.Select(turn => turn.Ending));
        Assert.Equal([1], shape.Turns[0].NextUse); // the sub-agent begins as its parent did
    }

    [Fact]
    public void Pauses_AreCut_AndNothingElse()
    {
        var shape = Shape([1], [1, 2], [1, 2, 3]).WithPausesUpTo(10); // turns of 5 s, one each 100 s
        Assert.Equal([(0.0, 5.0), (15.0, 20.0), (30.0, 35.0)], shape.Turns.Select(turn => (turn.Start, turn.End)));
        Assert.Equal(35, shape.Length);
    }

    private static SessionShape Shape(params int[][] prompts) => ShapeBuilder.Of(new TraceFile("t", 64,
        new TraceSession("t", 0, 0, [.. prompts.Select((prompt, at) => Turn(100 * at, prompt, "tool_use"))])));

    private static TraceTurn Turn(int at, int[] blocks, string stop) =>
        new(TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(5), blocks.Length * 64, 1, blocks, true, TimeSpan.Zero) { Stop = stop };
}
