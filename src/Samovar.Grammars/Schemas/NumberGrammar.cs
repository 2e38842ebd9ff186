using System.Globalization;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes rules for numbers between limits, digit by digit.</summary>
internal static class NumberGrammar
{
    /// <summary>No whole number here has more than 18 digits, as more are not kept exactly by most readers.</summary>
    private const long Largest = 999_999_999_999_999_999;

    public static string? WriteInteger(GrammarRules rules, Schema schema)
    {
        if (schema.Lowest is null && schema.Highest is null)
            return rules.Use(JsonRule.Integer);
        ThrowIfTooFar(schema);
        var lowest = schema.Lowest is { } low ? Whole(Ceiling(low)) : -Largest;
        var highest = schema.Highest is { } high ? Whole(Floor(high)) : Largest;
        if (lowest > highest)
            return null;
        var alternatives = new List<string>();
        if (lowest < 0)
            alternatives.Add("\"-\" " + Group(Digits(Math.Max(1, -Math.Min(highest, 0)), -lowest)));
        if (highest >= 0)
            alternatives.Add(Digits(Math.Max(0, lowest), highest));
        return rules.Define("whole", Gbnf.Choice(alternatives));
    }

    public static string? WriteNumber(GrammarRules rules, Schema schema)
    {
        if (schema.Places == 0)
            return WriteInteger(rules, schema);
        if (schema.Lowest is null && schema.Highest is null)
            return schema.Places is { } digits
                ? rules.Define("decimal", $"\"-\"? {rules.Use(JsonRule.Natural)} (\".\" [0-9]{{1,{digits}}})?")
                : rules.Use(JsonRule.Number);
        ThrowIfTooFar(schema);
        var low = SchemaNumbers.AtLeast(schema.Lowest ?? new NumberBound(-Largest, IsExclusive: false), schema.Places);
        var high = SchemaNumbers.AtMost(schema.Highest ?? new NumberBound(Largest, IsExclusive: false), schema.Places);
        if (low.Value > high.Value || (low.Value == high.Value && (low.IsExclusive || high.IsExclusive)))
            return schema is { Lowest: { } lowest, Highest: { } highest, Places: null } && lowest.Value < highest.Value
                ? throw SchemaFaultException.Unsupported(schema.Path, "limits nearer to zero than numbers are written")
                : null;
        var alternatives = new List<string>();
        if (low.Value < 0)
            alternatives.AddRange(Magnitudes(Negated(high), Negated(low), schema.Places).Select(one => "\"-\" " + one));
        if (high.Value > 0 || (high.Value == 0 && !high.IsExclusive))
            alternatives.AddRange(Magnitudes(low, high, schema.Places));
        return alternatives.Count == 0 ? null : rules.Define("decimal", Gbnf.Choice(alternatives));
    }

    /// <summary>The decimal digits of whole numbers between two that are not negative.</summary>
    public static string Digits(long from, long to)
    {
        var alternatives = new List<string>();
        for (var length = Text(from).Length; length <= Text(to).Length; length++)
        {
            var least = length == 1 ? 0 : (long)Math.Pow(10, length - 1);
            var most = length == 18 ? Largest : (long)Math.Pow(10, length) - 1;
            alternatives.Add(Between(Text(Math.Max(from, least)), Text(Math.Min(to, most))));
        }
        return Gbnf.Choice(alternatives);
    }

    /// <summary>Numbers without a sign from <paramref name="low"/> on, or from zero where that is below it.</summary>
    private static string[] Magnitudes(NumberBound low, NumberBound high, int? places)
    {
        var from = low.Value < 0 ? new NumberBound(0, IsExclusive: false) : low;
        var (first, last) = (Whole(from.Value), Whole(high.Value));
        var (begin, end) = (Fraction(from), Fraction(high));
        if (first == last)
            return Part(last, begin, end);
        var parts = Part(last, null, end);
        if (begin is not { IsZero: true, IsExclusive: false })
            parts = [.. Part(first++, begin, null), .. parts];
        return first == last ? parts : [$"({Digits(first, last - 1)}) {FractionGrammar.Write(null, null, places)}", .. parts];

        string[] Part(long whole, FractionGrammar.Edge? least, FractionGrammar.Edge? most) =>
            FractionGrammar.Write(least, most, places) is { } fraction ? [Gbnf.Sequence(Gbnf.Literal(Text(whole)), fraction)] : [];
    }

    private static FractionGrammar.Edge Fraction(NumberBound bound)
    {
        if (Math.Abs(bound.Value) > Largest) return new("", IsExclusive: false);
        var text = (bound.Value - decimal.Truncate(bound.Value)).ToString(CultureInfo.InvariantCulture);
        return new(text.Contains('.') ? text[2..].TrimEnd('0') : "", bound.IsExclusive);
    }

    private static void ThrowIfTooFar(Schema schema)
    {
        if (schema.Lowest?.Value > Largest)
            throw SchemaFaultException.Unsupported(schema.Path, "minimum of more than 18 digits");
        if (schema.Highest?.Value < -Largest)
            throw SchemaFaultException.Unsupported(schema.Path, "maximum of more than 18 digits");
    }

    private static NumberBound Negated(NumberBound bound) => bound with { Value = -bound.Value };

    private static decimal Ceiling(NumberBound bound) =>
        bound.IsExclusive && bound.Value == decimal.Truncate(bound.Value) ? bound.Value + 1 : decimal.Ceiling(bound.Value);

    private static decimal Floor(NumberBound bound) =>
        bound.IsExclusive && bound.Value == decimal.Truncate(bound.Value) ? bound.Value - 1 : decimal.Floor(bound.Value);

    private static long Whole(decimal value) => (long)Math.Clamp(value, -Largest, Largest);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Group(string choice) => choice.Contains('|') ? $"({choice})" : choice;

    /// <summary>Both texts have the same length.</summary>
    private static string Between(string low, string high)
    {
        if (low.Length == 0)
            return "";
        if (low[0] == high[0])
            return Gbnf.Sequence($"\"{low[0]}\"", Between(low[1..], high[1..]) is var tail && tail.Contains('|') ? $"({tail})" : tail);
        var alternatives = new List<string>();
        var (first, last) = (low[0], high[0]);
        if (!low.AsSpan(1).ContainsAnyExcept('0'))
            first--;
        else
            alternatives.Add(Gbnf.Sequence($"\"{low[0]}\"", Group(Between(low[1..], new string('9', low.Length - 1)))));
        if (!high.AsSpan(1).ContainsAnyExcept('9'))
            last++;
        if (first + 1 < last)
            alternatives.Add(Gbnf.Sequence(Class((char)(first + 1), (char)(last - 1)), Any(low.Length - 1)));
        if (last == high[0])
            alternatives.Add(Gbnf.Sequence($"\"{high[0]}\"", Group(Between(new string('0', high.Length - 1), high[1..]))));
        return Gbnf.Choice(alternatives);
    }

    private static string Class(char from, char to) => from == to ? $"\"{from}\"" : $"[{from}-{to}]";

    private static string Any(int count) => count switch
    {
        0 => "",
        1 => "[0-9]",
        _ => string.Create(CultureInfo.InvariantCulture, $"[0-9]{{{count}}}"),
    };
}
