namespace Samovar.Engine.Grammars;

/// <summary>Everywhere an automaton may be after what was written so far; equal states are one object while they are remembered.</summary>
internal sealed class LiveState : IEquatable<LiveState>
{
    private readonly int _hash;

    public LiveState(int[] nodes, StackSet[] stacks, int end, byte[]? seen = null)
    {
        (Nodes, Stacks, Seen) = (nodes, stacks, seen);
        MayEnd = seen is not null || Array.BinarySearch(nodes, end) >= 0;
        var hash = new HashCode();
        foreach (var node in nodes) hash.Add(node);
        foreach (var stack in stacks) hash.Add(stack.Id);
        if (seen is not null) hash.AddBytes(seen);
        _hash = hash.ToHashCode();
    }

    /// <summary>Nodes that wait for a byte, in order, and the end where the grammar may end.</summary>
    public int[] Nodes { get; }

    public StackSet[] Stacks { get; }

    /// <summary>Before the grammar binds: how far the watch for triggers is; else null.</summary>
    public byte[]? Seen { get; }

    /// <summary>Whether the text may end here.</summary>
    public bool MayEnd { get; }

    /// <summary>Whether no text can go on from here, nor end.</summary>
    public bool IsDead => Nodes.Length == 0 && Seen is null;

    /// <summary>Where each class of bytes leads, as far as it is known.</summary>
    public LiveState?[]? Known { get; set; }

    /// <summary>The tokens that may come next, once all are known.</summary>
    public ulong[]? Mask { get; set; }

    /// <summary>The tokens of the text that must come next, once that is known; empty where there are several.</summary>
    public int[]? Forced { get; set; }

    /// <summary>The memory's age at which the above was learned.</summary>
    public int Age { get; set; }

    public long Bytes => 128 + 12L * Nodes.Length;

    public bool Equals(LiveState? other) => other is not null
        && Nodes.AsSpan().SequenceEqual(other.Nodes) && Stacks.AsSpan().SequenceEqual(other.Stacks, ReferenceEqualityComparer.Instance)
        && (Seen is null ? other.Seen is null : other.Seen is not null && Seen.AsSpan().SequenceEqual(other.Seen));

    public override bool Equals(object? obj) => Equals(obj as LiveState);

    public override int GetHashCode() => _hash;
}
