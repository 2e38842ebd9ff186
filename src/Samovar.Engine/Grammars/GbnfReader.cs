using System.Globalization;
using System.Text;

namespace Samovar.Engine.Grammars;

/// <summary>Reads GBNF as libllama writes and reads it: rules, literals, classes, groups, alternatives, counts, comments.</summary>
internal ref struct GbnfReader
{
    private const string Root = "root";
    private readonly ReadOnlySpan<char> _text;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<GbnfNode?> _rules = [];
    private readonly CancellationToken _givenUp;
    private int _at;
    private int _depth;

    private GbnfReader(ReadOnlySpan<char> text, CancellationToken givenUp)
    {
        _text = text;
        _givenUp = givenUp;
    }

    /// <exception cref="GrammarFaultException">It is no GBNF, or a rule is missing.</exception>
    public static GbnfGrammar Read(string text, GrammarBounds bounds, CancellationToken givenUp)
    {
        if (text.Length > bounds.CharsMax)
            throw new GrammarFaultException($"The grammar has {text.Length} characters; up to {bounds.CharsMax} are read.");
        var reader = new GbnfReader(text, givenUp);
        reader.ReadRules();
        return reader.Whole();
    }

    private readonly GbnfGrammar Whole()
    {
        for (var id = 0; id < _rules.Count; id++)
            if (_rules[id] is null) throw new GrammarFaultException($"The grammar has no rule '{_names[id]}'.");
        if (!_ids.TryGetValue(Root, out var root)) throw new GrammarFaultException("The grammar has no rule 'root'.");
        return new GbnfGrammar([.. _rules.OfType<GbnfNode>()], _names, root);
    }

    private readonly char Current => _at < _text.Length ? _text[_at] : '\0';

    private void ReadRules()
    {
        Space(lines: true);
        while (_at < _text.Length)
        {
            _givenUp.ThrowIfCancellationRequested();
            var name = ReadName();
            Space(lines: false);
            if (!_text[_at..].StartsWith("::=")) throw Fault("'::=' is expected");
            _at += 3;
            Space(lines: true);
            _rules[IdOf(name)] = ReadChoice(isNested: false);
            if (_at < _text.Length && Current is not ('\n' or '\r')) throw Fault("the end of the rule is expected");
            Space(lines: true);
        }
    }

    private GbnfNode ReadChoice(bool isNested)
    {
        if (++_depth > GrammarBounds.NestingMax) throw Fault("groups stand too deep inside each other");
        var parts = new List<GbnfNode> { ReadSequence(isNested) };
        while (Current == '|')
        {
            _at++;
            Space(lines: true);
            parts.Add(ReadSequence(isNested));
        }
        _depth--;
        return parts.Count == 1 ? parts[0] : new GbnfNode.Choice([.. parts]);
    }

    private GbnfNode ReadSequence(bool isNested)
    {
        var parts = new List<GbnfNode>();
        while (true)
        {
            if (Current == '"') parts.Add(ReadLiteral());
            else if (Current == '[') parts.Add(ReadClass());
            else if (Current == '.') parts.Add(ReadAny());
            else if (IsWord(Current)) parts.Add(new GbnfNode.Rule(IdOf(ReadName())));
            else if (Current == '(') parts.Add(ReadGroup());
            else if (Current is '*' or '+' or '?' or '{') Repeat(parts);
            else return parts.Count == 1 ? parts[0] : new GbnfNode.Sequence([.. parts]);
            Space(isNested);
        }
    }

    private GbnfNode ReadGroup()
    {
        _at++;
        Space(lines: true);
        var inner = ReadChoice(isNested: true);
        if (Current != ')') throw Fault("')' is expected");
        _at++;
        return inner;
    }

    private void Repeat(List<GbnfNode> parts)
    {
        if (parts.Count == 0) throw Fault("there is nothing to repeat");
        var (min, max) = ReadCounts();
        if (max < min) throw Fault("the counts are in the wrong order");
        var counts = 0;
        for (var part = parts[^1]; part is GbnfNode.Repeat inner; part = inner.Part)
            if (++counts >= GrammarBounds.CountsMax) throw Fault("too many counts of counts");
        parts[^1] = new GbnfNode.Repeat(parts[^1], min, max);
    }

    private (int Min, int? Max) ReadCounts()
    {
        switch (_text[_at++])
        {
            case '*': return (0, null);
            case '+': return (1, null);
            case '?': return (0, 1);
        }
        Space(lines: false);
        var min = ReadNumber();
        int? max = min;
        Space(lines: false);
        if (Current == ',')
        {
            _at++;
            Space(lines: false);
            max = char.IsAsciiDigit(Current) ? ReadNumber() : null;
            Space(lines: false);
        }
        if (Current != '}') throw Fault("'}' is expected");
        _at++;
        return (min, max);
    }

    private int ReadNumber()
    {
        var begin = _at;
        while (char.IsAsciiDigit(Current)) _at++;
        return int.TryParse(_text[begin.._at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= GrammarBounds.CountMax ? number : throw Fault($"a count of up to {GrammarBounds.CountMax} is expected");
    }

    private GbnfNode.Literal ReadLiteral()
    {
        var bytes = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        for (_at++; _at >= _text.Length || Current != '"';)
        {
            var code = ReadCode();
            if (!Rune.TryCreate(code, out var rune)) throw Fault("a text has half of a surrogate pair");
            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }
        _at++;
        return new GbnfNode.Literal([.. bytes]);
    }

    private GbnfNode.Class ReadAny()
    {
        _at++;
        return new GbnfNode.Class([(0, CodeRanges.Last)]);
    }

    private GbnfNode.Class ReadClass()
    {
        _at++;
        var isNegated = Current == '^';
        if (isNegated) _at++;
        var ranges = new List<(int From, int To)>();
        while (_at >= _text.Length || Current != ']')
        {
            var from = ReadCode();
            var to = from;
            if (Current == '-' && _at + 1 < _text.Length && _text[_at + 1] != ']')
            {
                _at++;
                to = ReadCode();
            }
            if (from <= to) ranges.Add((from, to));
        }
        _at++;
        return new GbnfNode.Class(CodeRanges.Ordered(ranges, isNegated));
    }

    private int ReadCode()
    {
        if (_at >= _text.Length) throw Fault("a text or class does not end");
        if (Current == '\\') return ReadEscape();
        var isPair = char.IsHighSurrogate(Current) && _at + 1 < _text.Length && char.IsLowSurrogate(_text[_at + 1]);
        var code = isPair ? char.ConvertToUtf32(Current, _text[_at + 1]) : Current;
        _at += isPair ? 2 : 1;
        return code;
    }

    private int ReadEscape()
    {
        var escape = _at + 1 < _text.Length ? _text[_at + 1] : '\0';
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
            _ => throw Fault("an escape is not known"),
        };
    }

    private int ReadHex(int digits)
    {
        if (_at + digits > _text.Length
            || !int.TryParse(_text.Slice(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code is < 0 or > CodeRanges.Last)
            throw Fault("the number of a character is expected");
        _at += digits;
        return code;
    }

    private string ReadName()
    {
        var begin = _at;
        while (IsWord(Current)) _at++;
        return _at > begin ? _text[begin.._at].ToString() : throw Fault("a name is expected");
    }

    private readonly int IdOf(string name)
    {
        if (_ids.TryGetValue(name, out var known)) return known;
        _names.Add(name);
        _rules.Add(null);
        return _ids[name] = _names.Count - 1;
    }

    private static bool IsWord(char one) => char.IsAsciiLetterOrDigit(one) || one == '-';

    private void Space(bool lines)
    {
        while (Current is ' ' or '\t' or '#' || (lines && Current is '\n' or '\r'))
        {
            if (Current == '#')
                while (_at < _text.Length && Current is not ('\n' or '\r')) _at++;
            else _at++;
        }
    }

    private readonly GrammarFaultException Fault(string reason) =>
        new($"The grammar cannot be read: {reason} at character {_at}.");
}
