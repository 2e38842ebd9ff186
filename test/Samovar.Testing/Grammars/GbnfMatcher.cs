namespace Samovar.Testing.Grammars;

/// <summary>Says whether a grammar admits a whole text; every way to read it is followed at once.</summary>
internal sealed class GbnfMatcher
{
    private readonly GbnfGrammar _grammar;
    private readonly int[] _text;
    private readonly Dictionary<(string Rule, int At), SortedSet<int>> _known = [];

    private GbnfMatcher(GbnfGrammar grammar, string text)
    {
        _grammar = grammar;
        _text = [.. text.EnumerateRunes().Select(rune => rune.Value)];
    }

    public static bool Accepts(GbnfGrammar grammar, string text)
    {
        var matcher = new GbnfMatcher(grammar, text);
        return matcher.Ends(new GbnfNode.Rule("root"), 0).Contains(matcher._text.Length);
    }

    /// <summary>Where a node can end that begins at a place.</summary>
    private SortedSet<int> Ends(GbnfNode node, int at)
    {
        switch (node)
        {
            case GbnfNode.Literal literal:
                return at + literal.Codes.Length <= _text.Length && _text.AsSpan(at, literal.Codes.Length).SequenceEqual(literal.Codes)
                    ? [at + literal.Codes.Length]
                    : [];
            case GbnfNode.Class characters:
                return at < _text.Length && Admits(characters, _text[at]) ? [at + 1] : [];
            case GbnfNode.Rule rule:
                if (!_known.TryGetValue((rule.Name, at), out var ends))
                    _known[(rule.Name, at)] = ends = Ends(_grammar.Rules[rule.Name], at);
                return ends;
            case GbnfNode.Sequence sequence:
                return sequence.Parts.Aggregate(new SortedSet<int> { at }, (begins, part) => Each(part, begins));
            case GbnfNode.Choice choice:
                return [.. choice.Parts.SelectMany(part => Ends(part, at))];
            case GbnfNode.Repeat repeat:
                return Repeated(repeat, at);
            default:
                throw new InvalidOperationException("no such node");
        }
    }

    private SortedSet<int> Each(GbnfNode node, SortedSet<int> begins) => [.. begins.SelectMany(begin => Ends(node, begin))];

    private SortedSet<int> Repeated(GbnfNode.Repeat repeat, int at)
    {
        var all = new SortedSet<int>();
        var reached = new SortedSet<int> { at };
        for (var times = 0; reached.Count > 0 && (repeat.Max is null || times <= repeat.Max); times++)
        {
            if (times >= repeat.Min)
                all.UnionWith(reached);
            var next = Each(repeat.Part, reached);
            if (times >= repeat.Min)
                next.ExceptWith(all);
            reached = next;
        }
        return all;
    }

    private static bool Admits(GbnfNode.Class characters, int code) =>
        Array.Exists(characters.Ranges, range => range.From <= code && code <= range.To) != characters.IsNegated;
}
