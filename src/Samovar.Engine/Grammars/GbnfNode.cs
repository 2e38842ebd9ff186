namespace Samovar.Engine.Grammars;

/// <summary>A piece of a grammar as it was written. A closed union.</summary>
internal abstract record GbnfNode
{
    private GbnfNode() { }

    /// <summary>A text in UTF-8; may be empty.</summary>
    internal sealed record Literal(byte[] Bytes) : GbnfNode;

    /// <summary>One code point of these ranges, which are in order and do not touch.</summary>
    internal sealed record Class((int From, int To)[] Ranges) : GbnfNode;

    internal sealed record Rule(int Id) : GbnfNode;

    internal sealed record Sequence(GbnfNode[] Parts) : GbnfNode;

    internal sealed record Choice(GbnfNode[] Parts) : GbnfNode;

    /// <summary>A part several times; without <paramref name="Max"/> there is no end.</summary>
    internal sealed record Repeat(GbnfNode Part, int Min, int? Max) : GbnfNode;
}

/// <summary>A grammar as it was written: the rules by their number, and their names.</summary>
internal sealed record GbnfGrammar(IReadOnlyList<GbnfNode> Rules, IReadOnlyList<string> Names, int Root);
