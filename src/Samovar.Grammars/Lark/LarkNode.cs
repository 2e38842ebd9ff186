using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>A piece of a Lark grammar. A closed union.</summary>
internal abstract record LarkNode
{
    private LarkNode() { }

    internal sealed record Literal(string Text, bool IgnoresCase) : LarkNode;

    internal sealed record Pattern(string Expression, string Flags) : LarkNode;

    internal sealed record Range(int From, int To) : LarkNode;

    /// <summary>A rule or a terminal by its name.</summary>
    internal sealed record Name(string Identifier) : LarkNode;

    internal sealed record Sequence(LarkNode[] Parts) : LarkNode;

    internal sealed record Choice(LarkNode[] Parts) : LarkNode;

    internal sealed record Repeat(LarkNode Part, int Min, int? Max) : LarkNode;
}

/// <summary>The rules and terminals of a Lark grammar by their names.</summary>
internal sealed class LarkDefinitions
{
    private readonly OrderedDictionary<string, LarkNode> _nodes = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, LarkNode>> All => _nodes;

    /// <summary>What may stand between terminals and means nothing.</summary>
    public List<LarkNode> Ignored { get; } = [];

    public static bool IsTerminal(string name) => name.TrimStart('_') is [var first, ..] && char.IsAsciiLetterUpper(first);

    public LarkNode? Find(string name) => _nodes.GetValueOrDefault(name);

    public bool TryAdd(string name, LarkNode node) => _nodes.TryAdd(name, node);

    public void Replace(string name, LarkNode node) => _nodes[name] = node;
}

/// <summary>What a Lark grammar is refused with.</summary>
internal static class LarkFaults
{
    public static SchemaFaultException Invalid(string path, int line, string reason) =>
        SchemaFaultException.Invalid(path, FormattableString.Invariant($"Line {line} of the grammar: {reason}"));

    public static SchemaFaultException Unsupported(string path, int line, string what) =>
        SchemaFaultException.Unsupported(path, FormattableString.Invariant($"{what} (line {line} of the grammar)"));
}
