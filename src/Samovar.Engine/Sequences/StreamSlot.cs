using Samovar.Engine.Drafting;

namespace Samovar.Engine.Sequences;

/// <summary>One of the context's streams: which path its cells hold and who uses it.</summary>
internal sealed class StreamSlot(int index)
{
    public int Index { get; } = index;

    /// <summary>The end of the path that the cells hold or (while a turn runs) will hold when its prompt is computed; null when
    /// empty.</summary>
    public Segment? Leaf { get; set; }

    /// <summary>Tokens computed.</summary>
    public int Length { get; set; }

    /// <summary>Its tokens, as far as a turn that drafts looked at them.</summary>
    public RepeatIndex Repeats { get; } = new();

    /// <summary>Who computes here; the placer of turns knows what it is.</summary>
    public object? Owner { get; set; }

    /// <summary>The engine's turn count when it was last used.</summary>
    public long LastUsed { get; set; }

    public bool IsIdle => Owner is null;

    /// <summary>Whether its path goes through a segment.</summary>
    public bool IsOn(Segment end)
    {
        var at = Leaf;
        while (at is not null && !ReferenceEquals(at, end)) at = at.Parent;
        return at is not null;
    }
}
