using System.Globalization;

namespace Samovar.Grammars.Rules;

/// <summary>Turns a regular expression over a text's characters into rules over their spelling in JSON, or as they are.</summary>
/// <remarks>
/// Known are characters, classes, groups, alternation and counts. A side without an anchor admits any characters there, as a
/// pattern of a schema may be found anywhere. Lookarounds, references back, word boundaries and inner anchors are refused.
/// </remarks>
internal sealed class PatternGrammar(
    GrammarRules rules, string pattern, string path, PatternMeaning? given = null, bool isPlain = false)
{
    private const int DepthMax = 32;

    private PatternMeaning _meaning = given ?? PatternMeaning.Schema;
    private int _at;
    private int _depth;

    /// <summary>The name of its rule, once it is written.</summary>
    public string Rule { get; private set; } = "";

    /// <summary>Whether nothing at all matches, once it is written.</summary>
    public bool CanBeEmpty { get; private set; }

    /// <summary>A piece of GBNF; one that can be empty must not be repeated without end.</summary>
    private readonly record struct Piece(string Text, bool CanBeEmpty);

    /// <summary>The pattern of texts that a pattern matches from their first character to their last.</summary>
    public static string Whole(string pattern)
    {
        var from = pattern.StartsWith('^') ? 1 : 0;
        var ends = pattern.EndsWith('$') && (pattern.Length - 1 - pattern.AsSpan(0, pattern.Length - 1).TrimEnd('\\').Length) % 2 == 0;
        return $"^(?:{pattern[from..(ends ? ^1 : ^0)]})$";
    }

    /// <summary>An expression that a tool's whole text matches: its flags in front and its dots are Python's and Rust's.</summary>
    /// <param name="meaning">What is known of its flags otherwise.</param>
    public static PatternGrammar OfTool(GrammarRules rules, string expression, string path, bool isPlain, PatternMeaning? meaning = null)
    {
        var (bare, known) = PatternMeaning.Leading(expression, meaning ?? PatternMeaning.Python);
        return new PatternGrammar(rules, Whole(bare), path, known, isPlain);
    }

    public string Write()
    {
        if (pattern.Length > rules.Limits.PatternCharsMax)
            throw SchemaFaultException.Beyond(path, $"A pattern has up to {rules.Limits.PatternCharsMax} characters.");
        try
        {
            var alternatives = new List<string>();
            do
                alternatives.Add(ReadAnchored());
            while (Skip('|'));
            if (_at < pattern.Length)
                throw Unsupported();
            return Rule = rules.Define("pattern", Gbnf.Choice(alternatives));
        }
        catch (SchemaFaultException fault) when (fault.Result is GrammarResult.Invalid { Path: "" } limit)
        {
            throw SchemaFaultException.Beyond(path, limit.Reason);
        }
    }

    private char? Current => _at < pattern.Length ? pattern[_at] : null;

    private string ReadAnchored()
    {
        var any = isPlain ? CharacterSet.AnyBut(_meaning.Rare).ToClass() + "*" : rules.Use(JsonRule.Character) + "*";
        var fromStart = Skip('^');
        var piece = ReadSequence();
        var toEnd = Skip('$');
        CanBeEmpty |= piece.CanBeEmpty;
        var text = Gbnf.Sequence(fromStart ? "" : any, piece.Text, toEnd ? "" : any);
        return text.Length == 0 ? "\"\"" : text;
    }

    private Piece ReadChoice()
    {
        if (++_depth > DepthMax)
            throw Unsupported();
        var pieces = new List<Piece>();
        do
            pieces.Add(ReadSequence());
        while (Skip('|'));
        _depth--;
        var texts = pieces.Select(piece => piece.Text.Length == 0 ? "\"\"" : piece.Text);
        return new Piece(rules.Define("group", Gbnf.Choice(texts)), pieces.Exists(piece => piece.CanBeEmpty));
    }

    private Piece ReadSequence()
    {
        var parts = new List<string>();
        var canBeEmpty = true;
        while (Current is { } next and not ('|' or ')' or '$'))
        {
            if (next is '^' or '*' or '+' or '?' or '{')
                throw Unsupported();
            var piece = ReadCounted();
            parts.Add(piece.Text);
            canBeEmpty &= piece.CanBeEmpty;
        }
        return new Piece(Gbnf.Sequence([.. parts]), canBeEmpty);
    }

    private Piece ReadCounted()
    {
        var atom = ReadAtom();
        var (min, max) = ReadCount();
        if ((min, max) == (1, 1))
            return atom;
        Skip('?'); // a lazy count admits the same texts
        if (max is null && atom.CanBeEmpty)
            throw Unsupported();
        if (Current is '*' or '+' or '?' or '{')
            throw Unsupported();
        return new Piece(rules.Repeat(atom.Text, min, max), min == 0 || atom.CanBeEmpty);
    }

    private (int Min, int? Max) ReadCount()
    {
        if (Skip('*'))
            return (0, null);
        if (Skip('+'))
            return (1, null);
        if (Skip('?'))
            return (0, 1);
        if (!Skip('{'))
            return (1, 1);
        var min = _meaning.IsPython && Current == ',' ? 0 : ReadNumber();
        int? max = min;
        if (Skip(','))
            max = Current == '}' ? null : ReadNumber();
        if (!Skip('}') || max < min)
            throw Unsupported();
        return (min, max);
    }

    private int ReadNumber()
    {
        var begin = _at;
        while (Current is >= '0' and <= '9')
            _at++;
        return int.TryParse(pattern.AsSpan(begin, _at - begin), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Unsupported();
    }

    private Piece ReadAtom()
    {
        if (Skip('('))
            return ReadGroup();
        var characters = new PatternClasses(pattern, path, _at, _meaning);
        var set = Current switch
        {
            '[' => characters.ReadBracket(),
            '.' => characters.ReadDot(),
            _ => characters.ReadOne(),
        };
        set = _meaning.IgnoresCase ? PatternCases.Both(set) : set;
        if (_meaning.Rare is { } rare && set.OnlyCode is null)
            set = set.Without(CharacterSet.Of([rare]));
        _at = characters.At;
        var spelled = set.ToText(isPlain) ?? throw Unsupported();
        var isSingle = !spelled.Contains(" | ", StringComparison.Ordinal) && spelled.StartsWith('[');
        return new Piece(isSingle ? spelled : rules.Define("chars", spelled), CanBeEmpty: false);
    }

    private Piece ReadGroup()
    {
        var outside = _meaning;
        if (_meaning.IsPython && FlagsEnd() is > 0 and var colon)
        {
            _meaning = _meaning.With(pattern[(_at + 1)..colon]) ?? throw Unsupported();
            _at = colon + 1;
        }
        else if (Skip('?'))
        {
            if (pattern.AsSpan(_at).StartsWith("P<")) Skip('P'); // as Python names groups
            if (Skip('<') && Current is not ('=' or '!'))
                _at = pattern.IndexOf('>', _at) is >= 0 and var end ? end + 1 : throw Unsupported();
            else if (!Skip(':'))
                throw Unsupported();
        }
        var piece = ReadChoice();
        _meaning = outside;
        return Skip(')') ? piece : throw Unsupported();
    }

    /// <summary>Where flags of a group end, as those of <c>(?i:a)</c> do; 0 where it has none.</summary>
    private int FlagsEnd()
    {
        if (Current != '?') return 0;
        var end = _at + 1;
        while (end < pattern.Length && (char.IsAsciiLetterLower(pattern[end]) || pattern[end] == '-')) end++;
        return end > _at + 1 && end < pattern.Length && pattern[end] == ':' ? end : 0;
    }

    private bool Skip(char one)
    {
        if (Current != one)
            return false;
        _at++;
        return true;
    }

    private SchemaFaultException Unsupported() => SchemaFaultException.Unsupported(path, $"pattern '{SchemaPath.Cut(pattern)}'");
}
