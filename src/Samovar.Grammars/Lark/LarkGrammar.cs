using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>Turns a Lark grammar into rules over its texts' spelling in JSON, or over the texts themselves.</summary>
/// <remarks>
/// (1) Read it. (2) Leave out what <c>start</c> does not need. (3) Rules that begin with themselves become repetitions:
/// <c>a: a "+" b | b</c> is <c>b ("+" b)*</c>. (4) Refuse what cannot be held: other ways of beginning with itself, rules without an
/// end, repetitions of nothing. (5) Write a rule for each name; behind each terminal of a rule, and before the first, stands what is
/// ignored. What the grammar admits, Lark reads: priorities and trees do not change which texts those are.
/// </remarks>
internal sealed class LarkGrammar
{
    private const string Start = "start";

    private readonly GrammarRules _rules;
    private readonly string _path;
    private readonly bool _isPlain;
    private readonly LarkDefinitions _definitions;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<LarkNode.Pattern, PatternGrammar> _patterns = [];
    private LarkAnalysis? _analysis;
    private string _ignored = "";
    private bool _isInRule; // a terminal has nothing ignored within

    private LarkGrammar(GrammarRules rules, string definition, string path, bool isPlain)
    {
        (_rules, _path, _isPlain) = (rules, path, isPlain);
        if (definition.Length > rules.Limits.PatternCharsMax)
            throw SchemaFaultException.Invalid(path, $"A grammar has up to {rules.Limits.PatternCharsMax} characters.");
        _definitions = LarkParser.Read(definition.ReplaceLineEndings("\n"), path, rules.Work, CommonTerminals.All); // :: 1
    }

    /// <summary>Adds the grammar's rules; faults are for <c>JsonSchemaGrammar.Guard</c> to catch.</summary>
    /// <param name="isPlain">Whether texts stand there as they are, not as JSON spells them.</param>
    /// <returns>The name of the rule for a whole text.</returns>
    public static string Write(GrammarRules rules, string definition, string path, bool isPlain = false)
    {
        try
        {
            return new LarkGrammar(rules, definition, path, isPlain).Write();
        }
        catch (SchemaFaultException fault) when (fault.Result is GrammarResult.Invalid { Path: "" } limit)
        {
            throw SchemaFaultException.Invalid(path, limit.Reason);
        }
    }

    private string Write()
    {
        if (_definitions.Find(Start) is null)
            throw SchemaFaultException.Invalid(_path, $"The grammar has no rule '{Start}'.");
        var used = Used(); // :: 2
        foreach (var (name, node) in used.All.ToList())
            used.Replace(name, WithoutLeftRecursion(name, node)); // :: 3
        _analysis = new LarkAnalysis(used, pattern => Compiled(pattern).CanBeEmpty, _rules.Work); // :: 4
        if (_analysis.BeginsWithItself() is { } circle)
            throw SchemaFaultException.Unsupported(_path, $"the rule '{circle}', which begins with itself by way of others,");
        if (_analysis.Endless() is { } endless)
            throw SchemaFaultException.Invalid(_path, $"'{endless}' can never come to an end.");
        foreach (var (name, _) in used.All)
            _names[name] = _rules.Reserve(name.Trim('_').Replace('_', '-').ToLowerInvariant());
        _ignored = Ignored();
        foreach (var (name, node) in used.All)
        {
            _isInRule = !LarkDefinitions.IsTerminal(name);
            _rules.Fill(_names[name], OrNothing(Alternatives(node))); // :: 5
        }
        return _ignored.Length == 0 ? _names[Start] : _rules.Define("text", Gbnf.Sequence(_ignored, _names[Start]));
    }

    private string Ignored()
    {
        if (_definitions.Ignored.Count == 0)
            return "";
        if (_definitions.Ignored.Exists(_analysis!.CanBeEmpty))
            throw SchemaFaultException.Invalid(_path, "What is ignored may not be empty.");
        return _rules.Repeat(_rules.Define("ignored", Gbnf.Choice(_definitions.Ignored.Select(Piece))), 0, null);
    }

    private LarkDefinitions Used()
    {
        var used = new LarkDefinitions();
        var ignored = _definitions.Ignored.SelectMany(LarkAnalysis.Names).ToList();
        if (ignored.Find(name => !LarkDefinitions.IsTerminal(name)) is { } rule)
            throw SchemaFaultException.Invalid(_path, $"'{rule}' is a rule; only terminals are ignored.");
        var waiting = new Stack<string>([Start, .. ignored]);
        while (waiting.TryPop(out var name))
        {
            _rules.Work.Take(1);
            var node = _definitions.Find(name) ?? throw SchemaFaultException.Invalid(_path, $"'{name}' is not defined in the grammar.");
            if (!used.TryAdd(name, node))
                continue;
            foreach (var next in LarkAnalysis.Names(node))
            {
                if (LarkDefinitions.IsTerminal(name) && !LarkDefinitions.IsTerminal(next))
                    throw SchemaFaultException.Invalid(_path, $"The terminal '{name}' uses the rule '{next}'.");
                waiting.Push(next);
            }
        }
        return used;
    }

    private static LarkNode WithoutLeftRecursion(string name, LarkNode node)
    {
        LarkNode[] alternatives = node is LarkNode.Choice choice ? choice.Parts : [node];
        var behind = alternatives.OfType<LarkNode.Sequence>().Where(IsLeft).Select(LarkNode (one) =>
            new LarkNode.Sequence(one.Parts[1..])).ToArray();
        var first = alternatives.Where(one => one is not LarkNode.Sequence sequence || !IsLeft(sequence)).ToArray();
        if (behind.Length == 0 || first.Length == 0)
            return node;
        return new LarkNode.Sequence([new LarkNode.Choice(first), new LarkNode.Repeat(new LarkNode.Choice(behind), 0, null)]);

        bool IsLeft(LarkNode.Sequence sequence) =>
            sequence.Parts is [LarkNode.Name start, _, ..] && string.Equals(start.Identifier, name, StringComparison.Ordinal);
    }

    private string Alternatives(LarkNode node) => node is LarkNode.Choice choice
        ? Gbnf.Choice(choice.Parts.Select(part => OrNothing(Sequenced(part))))
        : Sequenced(node);

    private static string OrNothing(string text) => text.Length == 0 ? "\"\"" : text;

    private string Sequenced(LarkNode node) => node is LarkNode.Sequence sequence
        ? Gbnf.Sequence([.. sequence.Parts.Select(Piece)])
        : Piece(node);

    /// <summary>An expression that may stand in a sequence.</summary>
    private string Piece(LarkNode node)
    {
        _rules.Work.Take(1);
        return node switch
        {
            LarkNode.Literal literal => Terminal(Literal(literal)),
            LarkNode.Range range => Terminal(Spelled(new CharacterSet([(range.From, range.To)]))),
            LarkNode.Pattern pattern => Terminal(Compiled(pattern).Rule),
            LarkNode.Name { Identifier: var name } => LarkDefinitions.IsTerminal(name) ? Terminal(_names[name]) : _names[name],
            LarkNode.Repeat repeat => Repeat(repeat),
            _ => _rules.Define("group", OrNothing(Alternatives(node))),
        };
    }

    private string Terminal(string text) => _isInRule && text.Length > 0 ? Gbnf.Sequence(text, _ignored) : text;

    private string Repeat(LarkNode.Repeat repeat)
    {
        if (repeat.Max is null && _analysis!.CanBeEmpty(repeat.Part))
            throw SchemaFaultException.Unsupported(_path, "a repetition without end of what may be empty");
        var part = Piece(repeat.Part);
        var symbol = part.AsSpan().ContainsAny(" \"[|") ? _rules.Define("part", OrNothing(part)) : part;
        return _rules.Repeat(symbol, repeat.Min, repeat.Max);
    }

    private string Literal(LarkNode.Literal literal)
    {
        var runes = literal.Text.EnumerateRunes().Select(rune => new CharacterSet([(rune.Value, rune.Value)]));
        return literal.Text.Length == 0 ? ""
            : literal.IgnoresCase ? Gbnf.Sequence([.. runes.Select(one => Spelled(PatternCases.Both(one)))])
            : _isPlain ? Gbnf.Literal(literal.Text)
            : Gbnf.Literal(string.Concat(literal.Text.EnumerateRunes().Select(rune => CharacterSet.JsonSpelling(rune)
                ?? throw SchemaFaultException.Unsupported(_path, "a control character"))));
    }

    private string Spelled(CharacterSet set)
    {
        var spelled = set.ToText(_isPlain) ?? throw SchemaFaultException.Unsupported(_path, "a control character");
        return spelled.Contains(" | ", StringComparison.Ordinal) ? _rules.Define("chars", spelled) : spelled;
    }

    private PatternGrammar Compiled(LarkNode.Pattern pattern)
    {
        if (_patterns.TryGetValue(pattern, out var known))
            return known;
        if (PatternMeaning.Python.With(pattern.Flags) is not { } meaning)
            throw SchemaFaultException.Unsupported(_path, $"the flags '{pattern.Flags}' of a regular expression (i, m, s and u are known)");
        var compiled = PatternGrammar.OfTool(_rules, pattern.Expression, _path, _isPlain, meaning);
        compiled.Write();
        return _patterns[pattern] = compiled;
    }
}
