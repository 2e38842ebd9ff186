using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>One session while it is played: when its turns come, and what memory holds of each of its segments.</summary>
/// <param name="offset">When its first turn comes.</param>
/// <param name="starts">When each of its turns starts, from then; null as its shape says.</param>
internal sealed class SessionPlay(SessionShape shape, double offset, double[]? starts = null)
{
    public SessionShape Shape => shape;

    /// <summary>Blocks that memory holds, from the segment's first on.</summary>
    public int[] Kept { get; } = new int[shape.Segments.Length];

    /// <summary>Turns that run on it now: their streams have all of it.</summary>
    public int[] Running { get; } = new int[shape.Segments.Length];

    /// <summary>Segments behind it of which memory holds something.</summary>
    public int[] KeptChildren { get; } = new int[shape.Segments.Length];

    /// <summary>Conversations whose newest prompt has it.</summary>
    public int[] Users { get; } = new int[shape.Segments.Length];

    /// <summary>Of these, those that have ended.</summary>
    public int[] Over { get; } = new int[shape.Segments.Length];

    public int[] Uses { get; } = new int[shape.Segments.Length];

    /// <summary>The turn that used it last, by its end.</summary>
    public int[] LastTurn { get; } = new int[shape.Segments.Length];

    /// <summary>The next turn that will; -1 where none does.</summary>
    public int[] NextTurn { get; } = new int[shape.Segments.Length];

    /// <summary>The newest turn of each conversation; -1 before its first.</summary>
    public int[] Newest { get; } = [.. Enumerable.Repeat(-1, shape.Lanes)];

    public bool[] HasEnded { get; } = new bool[shape.Turns.Length];

    public double Start(int turn) => offset + (starts is null ? shape.Turns[turn].Start : starts[turn]);

    public double End(int turn) => Start(turn) + (shape.Turns[turn].End - shape.Turns[turn].Start);
}

/// <summary>A segment of a session that is played.</summary>
internal readonly record struct PlayedSegment(SessionPlay Session, int Segment);
