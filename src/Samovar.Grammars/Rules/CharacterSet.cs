using System.Text;

namespace Samovar.Grammars.Rules;

/// <summary>A set of code points, as ranges in order.</summary>
internal sealed class CharacterSet
{
    private const int Last = 0x10FFFF;

    public static readonly CharacterSet All = new([(0, Last)]);

    /// <summary>What a JSON text holds unescaped.</summary>
    public static readonly CharacterSet PlainInJson = All.Without(new CharacterSet(
        [(0, 0x1F), ('"', '"'), ('\\', '\\'), (0x7F, 0x7F), (0xD800, 0xDFFF)]));

    private static readonly (int Code, string Escape)[] Escapes =
        [('"', "\\\""), ('\\', "\\\\"), ('\b', "\\b"), ('\f', "\\f"), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")];

    private readonly (int From, int To)[] _ranges;

    public CharacterSet(IEnumerable<(int From, int To)> ranges) => _ranges = Ordered(ranges);

    /// <summary>All of a text's characters but one.</summary>
    public static CharacterSet AnyBut(char? one) => All.Without(Of(one is { } code ? [0, code] : [0]));

    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The one member of a set of one; null for any other.</summary>
    public int? OnlyCode => _ranges is [var (from, to)] && from == to ? from : null;

    public static CharacterSet Of(IEnumerable<int> codes) => new(codes.Select(code => (code, code)));

    public bool Contains(int code) => Array.Exists(_ranges, range => range.From <= code && code <= range.To);

    public static CharacterSet Union(IEnumerable<CharacterSet> sets) => new(sets.SelectMany(set => set._ranges));

    public CharacterSet With(CharacterSet other) => new(_ranges.Concat(other._ranges));

    public CharacterSet Complement()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (from, to) in _ranges)
        {
            if (from > next)
                gaps.Add((next, from - 1));
            next = to + 1;
        }
        if (next <= Last)
            gaps.Add((next, Last));
        return new CharacterSet(gaps);
    }

    public CharacterSet Without(CharacterSet other) => Complement().With(other).Complement();

    /// <summary>As a bracket of GBNF; the shorter of the set itself and its complement.</summary>
    public string ToClass() => _ranges is [.., (_, Last)] ? "[^" + Complement().ToRanges() + "]" : "[" + ToRanges() + "]";

    /// <summary>Every character of the set as it is spelled in a JSON text; null when none can be.</summary>
    public string? ToJsonText()
    {
        var plain = Without(PlainInJson.Complement());
        var alternatives = Escapes.Where(one => Contains(one.Code)).Select(one => Gbnf.Literal(one.Escape)).ToList();
        if (!plain.IsEmpty)
            alternatives.Insert(0, plain.ToClass());
        return alternatives.Count == 0 ? null : Gbnf.Choice(alternatives);
    }

    /// <summary>The set where texts stand as they are, or as they are spelled in a JSON text; null when none of it can be there.</summary>
    public string? ToText(bool isPlain) => isPlain && !IsEmpty ? ToClass() : ToJsonText();

    /// <summary>One character as it is spelled in a JSON text; null when it cannot be.</summary>
    public static string? JsonSpelling(Rune rune) => PlainInJson.Contains(rune.Value)
        ? rune.ToString()
        : Escapes.FirstOrDefault(one => one.Code == rune.Value).Escape;

    private string ToRanges()
    {
        var text = new StringBuilder();
        foreach (var (from, to) in _ranges)
        {
            text.Append(Gbnf.ClassCharacter(from));
            if (to > from)
                text.Append('-').Append(Gbnf.ClassCharacter(to));
        }
        return text.ToString();
    }

    private static (int From, int To)[] Ordered(IEnumerable<(int From, int To)> ranges)
    {
        var merged = new List<(int From, int To)>();
        foreach (var range in ranges.OrderBy(range => range.From))
        {
            if (merged.Count > 0 && range.From <= merged[^1].To + 1)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, range.To));
            else
                merged.Add(range);
        }
        return [.. merged];
    }
}
