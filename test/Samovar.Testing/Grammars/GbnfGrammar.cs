using System.Globalization;

namespace Samovar.Testing.Grammars;

/// <summary>A piece of a parsed GBNF grammar.</summary>
internal abstract record GbnfNode
{
    internal sealed record Literal(int[] Codes) : GbnfNode;

    internal sealed record Class((int From, int To)[] Ranges, bool IsNegated) : GbnfNode;

    internal sealed record Rule(string Name) : GbnfNode;

    internal sealed record Sequence(GbnfNode[] Parts) : GbnfNode;

    internal sealed record Choice(GbnfNode[] Parts) : GbnfNode;

    internal sealed record Repeat(GbnfNode Part, int Min, int? Max) : GbnfNode;
}

/// <summary>Reads GBNF as strictly as libllama does, its limits and its refusal of left recursion included.</summary>
internal sealed class GbnfGrammar
{
    private const int RepetitionEnd = 2000;

    private readonly string _text;
    private readonly HashSet<string> _checked = [];
    private int _at;
    private int _symbols;

    private GbnfGrammar(string text) => _text = text;

    public Dictionary<string, GbnfNode> Rules { get; } = [];

    public static GbnfGrammar Parse(string text)
    {
        var grammar = new GbnfGrammar(text);
        while (grammar._at < text.Length)
            grammar.ReadRule();
        foreach (var node in grammar.Rules.Values)
            grammar.CheckNames(node);
        foreach (var name in grammar.Rules.Keys)
            grammar.CheckLeft(name, []);
        return grammar;
    }

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private void ReadRule()
    {
        var name = ReadName();
        Space(lines: false);
        if (!_text.AsSpan(_at).StartsWith("::=", StringComparison.Ordinal))
            throw Fail("expected ::=");
        _at += 3;
        Space(lines: true);
        if (!Rules.TryAdd(name, ReadChoice(isNested: false)))
            throw Fail($"two rules {name}");
        if (Current != '\n')
            throw Fail("expected the end of the rule");
        Space(lines: true);
    }

    private GbnfNode ReadChoice(bool isNested)
    {
        var parts = new List<GbnfNode> { ReadSequence(isNested) };
        while (Current == '|')
        {
            _at++;
            Space(lines: true);
            parts.Add(ReadSequence(isNested));
        }
        return parts.Count == 1 ? parts[0] : new GbnfNode.Choice([.. parts]);
    }

    private GbnfNode.Sequence ReadSequence(bool isNested)
    {
        var parts = new List<GbnfNode>();
        var weight = 1L;
        while (true)
        {
            if (Current == '"')
                (weight, _) = (1, Add(parts, ReadLiteral()));
            else if (Current == '[')
                (weight, _) = (1, Add(parts, ReadClass()));
            else if (IsWord(Current))
                (weight, _) = (1, Add(parts, new GbnfNode.Rule(ReadName())));
            else if (Current == '(')
            {
                _at++;
                Space(lines: true);
                var before = _symbols++;
                parts.Add(ReadChoice(isNested: true));
                weight = Math.Max(1, _symbols - before);
                if (Current != ')')
                    throw Fail("expected )");
                _at++;
            }
            else if (Current is '*' or '+' or '?' or '{')
                weight = ReadCount(parts, weight);
            else
                return new GbnfNode.Sequence([.. parts]);
            Space(isNested);
        }
    }

    private static bool Add(List<GbnfNode> parts, GbnfNode node)
    {
        parts.Add(node);
        return true;
    }

    private long ReadCount(List<GbnfNode> parts, long weight)
    {
        if (parts.Count == 0)
            throw Fail("nothing to repeat");
        var (min, max) = ReadBounds();
        var total = weight * (max is > 0 ? max.Value : min > 0 ? min : 1);
        if (total >= RepetitionEnd || max < min)
            throw Fail("the repetition is too large");
        _symbols += max is null ? 1 : max.Value - min;
        parts[^1] = new GbnfNode.Repeat(parts[^1], min, max);
        return total;
    }

    private (int Min, int? Max) ReadBounds()
    {
        switch (_text[_at++])
        {
            case '*': return (0, null);
            case '+': return (1, null);
            case '?': return (0, 1);
        }
        var end = _text.IndexOf('}', _at);
        var counts = _text[_at..end].Split(',');
        _at = end + 1;
        var min = int.Parse(counts[0], NumberStyles.None, CultureInfo.InvariantCulture);
        if (counts.Length == 1)
            return (min, min);
        return (min, counts[1].Length == 0 ? null : int.Parse(counts[1], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private GbnfNode.Literal ReadLiteral()
    {
        var codes = new List<int>();
        for (_at++; Current != '"';)
            codes.Add(ReadCode());
        _at++;
        return new GbnfNode.Literal([.. codes]);
    }

    private GbnfNode.Class ReadClass()
    {
        _at++;
        var isNegated = Current == '^';
        _at += isNegated ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (Current != ']')
        {
            var from = ReadCode();
            var to = from;
            if (Current == '-' && _text[_at + 1] != ']')
            {
                _at++;
                to = ReadCode();
            }
            ranges.Add((from, to));
        }
        _at++;
        return new GbnfNode.Class([.. ranges], isNegated);
    }

    private int ReadCode()
    {
        if (Current is '\0' or '\n')
            throw Fail("unexpected end");
        if (Current != '\\')
        {
            var code = char.ConvertToUtf32(_text, _at);
            _at += code > char.MaxValue ? 2 : 1;
            return code;
        }
        var escape = _text[_at + 1];
        _at += 2;
        return escape switch
        {
            'x' => ReadHex(2),
            'u' => ReadHex(4),
            'U' => ReadHex(8),
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            '\\' or '"' or '[' or ']' => escape,
            _ => throw Fail("unknown escape"),
        };
    }

    private int ReadHex(int digits)
    {
        _at += digits;
        return int.Parse(_text.AsSpan(_at - digits, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private string ReadName()
    {
        var begin = _at;
        while (IsWord(Current))
            _at++;
        return _at > begin ? _text[begin.._at] : throw Fail("expected a name");
    }

    private static bool IsWord(char one) => char.IsAsciiLetterOrDigit(one) || one == '-';

    private void Space(bool lines)
    {
        while (Current is ' ' or '\t' || (lines && Current == '\n'))
            _at++;
    }

    private void CheckNames(GbnfNode node)
    {
        switch (node)
        {
            case GbnfNode.Rule rule when !Rules.ContainsKey(rule.Name): throw Fail($"no rule {rule.Name}");
            case GbnfNode.Sequence sequence: Array.ForEach(sequence.Parts, CheckNames); break;
            case GbnfNode.Choice choice: Array.ForEach(choice.Parts, CheckNames); break;
            case GbnfNode.Repeat repeat: CheckNames(repeat.Part); break;
        }
    }

    private void CheckLeft(string name, HashSet<string> open)
    {
        if (!open.Add(name))
            throw Fail($"left recursion in {name}");
        if (_checked.Add(name))
            CheckLeft(Rules[name], open);
        open.Remove(name);
    }

    /// <summary>Follows what may stand first; says whether the node can be empty.</summary>
    private bool CheckLeft(GbnfNode node, HashSet<string> open)
    {
        switch (node)
        {
            case GbnfNode.Rule rule:
                if (open.Contains(rule.Name))
                    throw Fail($"left recursion in {rule.Name}");
                open.Add(rule.Name);
                var empty = CheckLeft(Rules[rule.Name], open);
                open.Remove(rule.Name);
                return empty;
            case GbnfNode.Sequence sequence: return Array.TrueForAll(sequence.Parts, part => CheckLeft(part, open));
            case GbnfNode.Choice choice: return choice.Parts.Select(part => CheckLeft(part, open)).ToArray().Contains(true);
            case GbnfNode.Repeat repeat when CheckLeft(repeat.Part, open):
                return repeat.Max is null ? throw Fail("an empty part repeats without end") : true;
            case GbnfNode.Repeat repeat: return repeat.Min == 0;
            case GbnfNode.Literal literal: return literal.Codes.Length == 0;
            default: return false;
        }
    }

    private FormatException Fail(string reason) =>
        new($"{reason} at {_at}: {_text[Math.Max(0, _at - 40)..Math.Min(_text.Length, _at + 40)]}");
}
