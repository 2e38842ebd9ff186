namespace Samovar.Engine.Grammars;

/// <summary>What an automaton has to come back to: a node and, inside of a counted part, the round.</summary>
internal readonly record struct StackFrame(int Node, int Round) : IComparable<StackFrame>
{
    public int CompareTo(StackFrame other) => Node != other.Node ? Node.CompareTo(other.Node) : Round.CompareTo(other.Round);
}

/// <summary>Every stack with which an automaton may stand at a node, as a tree from the top: equal sets are one object.</summary>
internal sealed class StackSet : IEquatable<StackSet>
{
    public static readonly StackSet Empty = new([], [], 0);
    private readonly int _hash;

    public StackSet(StackFrame[] frames, StackSet[] below, int id)
    {
        (Frames, Below, Id) = (frames, below, id);
        var hash = new HashCode();
        for (var at = 0; at < frames.Length; at++)
        {
            hash.Add(frames[at]);
            hash.Add(below[at].Id);
            Depth = Math.Max(Depth, below[at].Depth + 1);
        }
        _hash = hash.ToHashCode();
    }

    /// <summary>The topmost frames, in order.</summary>
    public StackFrame[] Frames { get; }

    /// <summary>What each has below it.</summary>
    public StackSet[] Below { get; }

    public int Id { get; }

    public int Depth { get; }

    public long Bytes => 96 + 16L * Frames.Length;

    public bool Equals(StackSet? other) => other is not null
        && Frames.AsSpan().SequenceEqual(other.Frames) && Below.AsSpan().SequenceEqual(other.Below, ReferenceEqualityComparer.Instance);

    public override bool Equals(object? obj) => Equals(obj as StackSet);

    public override int GetHashCode() => _hash;
}
