namespace Samovar.Engine.Grammars;

/// <summary>What a node of an automaton does.</summary>
internal enum NodeKind : byte
{
    /// <summary>Takes one byte along one of its edges.</summary>
    Bytes,

    /// <summary>Goes on at each of its targets.</summary>
    Split,

    /// <summary>Goes into a rule, and on at its target behind it.</summary>
    Call,

    /// <summary>Goes back to where its rule was called.</summary>
    Return,

    /// <summary>Begins a counted part.</summary>
    Enter,

    /// <summary>Ends one round of a counted part.</summary>
    Iterate,

    /// <summary>The grammar may end here.</summary>
    End,
}

/// <summary>A node: for bytes and splits a slice of the edges or targets, for a call the rule and the node behind, else the
/// count's number.</summary>
internal readonly record struct ProgramNode(NodeKind Kind, int A, int B);

/// <summary>A byte of a range leads to a node.</summary>
internal readonly record struct ProgramEdge(byte Low, byte High, int Target);

/// <summary>A counted part: a number, not repeated copies.</summary>
/// <param name="Min">Rounds that must be.</param>
/// <param name="Max">Rounds that may be; -1 for no end.</param>
/// <param name="Body">Where a round begins.</param>
/// <param name="Iterate">Where it ends.</param>
/// <param name="Next">Where it goes on.</param>
internal readonly record struct ProgramCount(int Min, int Max, int Body, int Iterate, int Next);

/// <summary>A grammar as an automaton with a stack. Never changes; safe for all threads.</summary>
internal sealed class GrammarProgram
{
    public required ProgramNode[] Nodes { get; init; }
    public required ProgramEdge[] Edges { get; init; }
    public required int[] Targets { get; init; }
    public required ProgramCount[] Counts { get; init; }

    /// <summary>Where each rule begins.</summary>
    public required int[] Entries { get; init; }

    public required int Start { get; init; }

    public required int End { get; init; }

    public ReadOnlySpan<ProgramEdge> EdgesOf(ProgramNode node) => Edges.AsSpan(node.A, node.B);

    public ReadOnlySpan<int> TargetsOf(ProgramNode node) => Targets.AsSpan(node.A, node.B);

    public unsafe long Bytes => (long)Nodes.Length * sizeof(ProgramNode) + (long)Edges.Length * sizeof(ProgramEdge)
        + (long)Counts.Length * sizeof(ProgramCount) + sizeof(int) * ((long)Targets.Length + Entries.Length);
}
