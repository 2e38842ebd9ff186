using System.Runtime.InteropServices;

namespace Samovar.Engine.Grammars;

/// <summary>Makes the automaton of a grammar: from the end of each rule to its front, every node knows the one behind it.</summary>
/// <remarks>
/// So a rule that calls another as its last act leaves nothing on the stack, and texts that begin alike share their nodes. Time and size
/// are linear in the grammar's text; counts are numbers.
/// </remarks>
internal sealed class ProgramBuilder
{
    private const int ReturnNode = 0;
    private const int EndNode = 1;
    private readonly List<ProgramNode> _nodes = [new(NodeKind.Return, 0, 0), new(NodeKind.End, 0, 0)];
    private readonly List<ProgramEdge> _edges = [];
    private readonly List<int> _targets = [];
    private readonly List<ProgramCount> _counts = [];
    private readonly GrammarChecks _checks;
    private readonly GrammarBounds _bounds;
    private readonly CancellationToken _givenUp;

    private ProgramBuilder(GrammarChecks checks, GrammarBounds bounds, CancellationToken givenUp) =>
        (_checks, _bounds, _givenUp) = (checks, bounds, givenUp);

    /// <exception cref="GrammarFaultException">It cannot be read, or costs more than its bounds.</exception>
    public static GrammarProgram Build(string gbnf, GrammarBounds bounds, CancellationToken givenUp)
    {
        var grammar = GbnfReader.Read(gbnf, bounds, givenUp);
        return new ProgramBuilder(new GrammarChecks(grammar, bounds), bounds, givenUp).Build(grammar);
    }

    private GrammarProgram Build(GbnfGrammar grammar)
    {
        var entries = grammar.Rules.Select(rule => Add(rule, ReturnNode)).ToArray();
        var start = AddNode(new ProgramNode(NodeKind.Call, grammar.Root, EndNode));
        return new GrammarProgram
        {
            Nodes = [.. _nodes], Edges = [.. _edges], Targets = [.. _targets], Counts = [.. _counts],
            Entries = entries, Start = start, End = EndNode,
        };
    }

    /// <summary>The node where a piece begins that goes on at <paramref name="next"/>.</summary>
    private int Add(GbnfNode node, int next)
    {
        switch (node)
        {
            case GbnfNode.Literal literal:
                for (var at = literal.Bytes.Length - 1; at >= 0; at--) next = AddByte(literal.Bytes[at], next);
                return next;
            case GbnfNode.Class characters: return AddClass(characters, next);
            case GbnfNode.Rule rule: return AddNode(new ProgramNode(NodeKind.Call, rule.Id, next));
            case GbnfNode.Choice choice: return AddChoice(choice, next);
            case GbnfNode.Repeat repeat: return AddRepeat(repeat, next);
            case GbnfNode.Sequence sequence:
                for (var at = sequence.Parts.Length - 1; at >= 0; at--) next = Add(sequence.Parts[at], next);
                return next;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private int AddChoice(GbnfNode.Choice choice, int next)
    {
        var texts = choice.Parts.OfType<GbnfNode.Literal>().Select(literal => literal.Bytes)
            .OrderBy(bytes => bytes, ByteOrder.Instance).ToList();
        var targets = new List<int>();
        foreach (var part in choice.Parts)
            if (part is not GbnfNode.Literal) targets.Add(Add(part, next));
        if (texts.Count > 0) targets.Add(AddTexts(CollectionsMarshal.AsSpan(texts), from: 0, next));
        return AddSplit(targets);
    }

    /// <summary>A tree of texts in order that are the same up to a place.</summary>
    private int AddTexts(ReadOnlySpan<byte[]> texts, int from, int next)
    {
        var shared = texts[0].AsSpan(from).CommonPrefixLength(texts[^1].AsSpan(from));
        var node = AddBranches(texts, from + shared, next);
        for (var at = from + shared - 1; at >= from; at--) node = AddByte(texts[0][at], node);
        return node;
    }

    private int AddBranches(ReadOnlySpan<byte[]> texts, int at, int next)
    {
        var edges = new List<ProgramEdge>();
        var ends = 0;
        while (ends < texts.Length && texts[ends].Length == at) ends++;
        for (var from = ends; from < texts.Length;)
        {
            var (one, to) = (texts[from][at], from + 1);
            while (to < texts.Length && texts[to][at] == one) to++;
            edges.Add(new ProgramEdge(one, one, AddTexts(texts[from..to], at + 1, next)));
            from = to;
        }
        if (edges.Count == 0) return next;
        var node = AddBytes(edges);
        return ends == 0 ? node : AddSplit([node, next]);
    }

    private int AddClass(GbnfNode.Class characters, int next)
    {
        var spelled = new List<(byte Low, byte High)[]>();
        foreach (var (from, to) in characters.Ranges) spelled.AddRange(CodeRanges.Spelled(from, to));
        return AddSpelled(spelled, next, new Dictionary<(byte, byte, int), int>());
    }

    private int AddSpelled(List<(byte Low, byte High)[]> spelled, int next, Dictionary<(byte, byte, int), int> known)
    {
        var edges = new List<ProgramEdge>();
        foreach (var sequence in spelled)
        {
            var target = next;
            for (var at = sequence.Length - 1; at > 0; at--)
            {
                var (low, high) = sequence[at];
                if (!known.TryGetValue((low, high, target), out var tail))
                    known[(low, high, target)] = tail = AddBytes([new ProgramEdge(low, high, target)]);
                target = tail;
            }
            edges.Add(new ProgramEdge(sequence[0].Low, sequence[0].High, target));
        }
        return AddBytes(edges);
    }

    private int AddRepeat(GbnfNode.Repeat repeat, int next)
    {
        var (min, max) = (_checks.CanBeEmpty(repeat.Part) ? 0 : repeat.Min, repeat.Max); // an empty round counts like one that is left out
        if (max == 0) return next;
        if ((min, max) == (1, 1)) return Add(repeat.Part, next);
        if ((min, max) == (0, 1)) return AddSplit([Add(repeat.Part, next), next]);
        if (max is null && min <= 1)
        {
            var loop = AddNode(default);
            var body = Add(repeat.Part, loop);
            Fill(loop, [body, next]);
            return min == 0 ? loop : body;
        }
        var count = _counts.Count;
        _counts.Add(default);
        var iterate = AddNode(new ProgramNode(NodeKind.Iterate, count, 0));
        _counts[count] = new ProgramCount(min, max ?? -1, Add(repeat.Part, iterate), iterate, next);
        return AddNode(new ProgramNode(NodeKind.Enter, count, 0));
    }

    private int AddByte(byte one, int next) => AddBytes([new ProgramEdge(one, one, next)]);

    private int AddBytes(List<ProgramEdge> edges)
    {
        _edges.AddRange(edges);
        CheckSize();
        return AddNode(new ProgramNode(NodeKind.Bytes, _edges.Count - edges.Count, edges.Count));
    }

    private int AddSplit(List<int> targets)
    {
        if (targets.Count == 1) return targets[0];
        var node = AddNode(default);
        Fill(node, targets);
        return node;
    }

    private void Fill(int node, List<int> targets)
    {
        _nodes[node] = new ProgramNode(NodeKind.Split, _targets.Count, targets.Count);
        _targets.AddRange(targets);
        CheckSize();
    }

    private int AddNode(ProgramNode node)
    {
        _nodes.Add(node);
        CheckSize();
        return _nodes.Count - 1;
    }

    private void CheckSize()
    {
        _givenUp.ThrowIfCancellationRequested();
        if (_nodes.Count + _edges.Count + _targets.Count > _bounds.NodesMax)
            throw new GrammarFaultException($"The grammar needs more than {_bounds.NodesMax} nodes.");
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
