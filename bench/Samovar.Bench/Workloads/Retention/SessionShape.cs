using Samovar.Engine;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Blocks of a session's prompts that all have the same fate: no turn ends and no other prompt leaves inside.</summary>
/// <param name="Parent">The segment in front of it; -1 where it is the first of its prompts.</param>
/// <param name="From">Blocks in front of it.</param>
internal readonly record struct ShapeSegment(int Parent, int From, int Blocks);

/// <summary>A turn of a session.</summary>
/// <param name="Start">Seconds since the session's first.</param>
/// <param name="Path">Segments of its prompt.</param>
/// <param name="NextUse">For each of these the next turn whose prompt has it; -1 where there is none.</param>
/// <param name="Lane">Which of the session's conversations it belongs to: its own, or a sub-agent's.</param>
/// <param name="Before">The turn before it in its conversation; -1 where it is the first.</param>
internal sealed record ShapeTurn(double Start, double End, int[] Path, int[] NextUse, TurnEnding Ending, int Lane, int Before)
{
    /// <summary>Whether nothing follows in its conversation.</summary>
    public bool IsLast { get; init; }
}

/// <summary>A session as retention sees it: which blocks its prompts share, and when they are asked for.</summary>
/// <param name="Turns">In the order in which they begin.</param>
internal sealed record SessionShape(string Name, int BlockTokens, int Lanes, ShapeSegment[] Segments, ShapeTurn[] Turns)
{
    /// <summary>Seconds from its first turn's start to its last one's end.</summary>
    public double Length { get; } = Turns.Max(turn => turn.End);

    /// <summary>The same where nobody waits longer than so many seconds before he asks again.</summary>
    public SessionShape WithPausesUpTo(double most)
    {
        var turns = new ShapeTurn[Turns.Length];
        var (cut, ended) = (0.0, 0.0);
        for (var at = 0; at < turns.Length; at++)
        {
            cut += Math.Max(0, Turns[at].Start - cut - ended - most);
            turns[at] = Turns[at] with { Start = Turns[at].Start - cut, End = Turns[at].End - cut };
            ended = Math.Max(ended, turns[at].End);
        }
        return new SessionShape(Name, BlockTokens, Lanes, Segments, turns);
    }
}
