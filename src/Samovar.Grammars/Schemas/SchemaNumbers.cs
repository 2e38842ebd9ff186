using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Reads the numbers of a schema, also those beyond what is reckoned with here: only their side and their kind matter.</summary>
/// <remarks>
/// Generators write the ends of a type's range where their user gave no limit (2147483647, ±1.8e308). No answer comes near these: as
/// upper limits of a count they are none.
/// </remarks>
internal static class SchemaNumbers
{
    /// <summary>A fraction nearer to zero than all that is written here.</summary>
    private const decimal Least = 0.0000000000000000000000000001m;

    /// <summary>Limits up to here are reckoned with to the last digit.</summary>
    private const decimal Exact = 100_000_000_000m;

    /// <summary>The number, or where it is too large or too small the one at that end.</summary>
    public static decimal Read(JsonElement json)
    {
        var text = json.GetRawText();
        var mark = text.AsSpan().IndexOfAny('e', 'E');
        var digits = mark < 0 ? text.AsSpan() : text.AsSpan(0, mark);
        if (!digits.ContainsAnyInRange('1', '9')) return 0;
        var isKnown = json.TryGetDecimal(out var value);
        if (isKnown && value != 0) return value;
        var isSmall = isKnown || (mark >= 0 && text[mark + 1] == '-');
        var size = isSmall ? Least : decimal.MaxValue;
        return text[0] == '-' ? -size : size;
    }

    public static bool IsWhole(JsonElement json) => Read(json) is var value && value == decimal.Truncate(value);

    public static decimal Bound(JsonElement json, string at) =>
        json.ValueKind == JsonValueKind.Number ? Read(json) : throw SchemaFaultException.Invalid(at, "This must be a number.");

    /// <summary>The digits that a number may have behind its point; null where it is to be a multiple of anything but 1, 0.1, 0.01,
    /// …</summary>
    public static int? Places(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Number) return null;
        var (value, unit) = (Read(json), 1m);
        for (var places = 0; places <= FractionGrammar.PlacesMax; places++, unit /= 10)
            if (value == unit) return places;
        return null;
    }

    /// <summary>The lower limit of what is written, with so many digits behind its point.</summary>
    public static NumberBound AtLeast(NumberBound bound, int? places) =>
        places is { } digits && Math.Abs(bound.Value) < Exact ? new(-Rounded(-bound.Value, digits, bound.IsExclusive), false)
        : bound.Value == Least ? new(0, IsExclusive: true)
        : bound.Value == -Least ? new(0, IsExclusive: false)
        : bound;

    /// <inheritdoc cref="AtLeast"/>
    public static NumberBound AtMost(NumberBound bound, int? places) =>
        places is { } digits && Math.Abs(bound.Value) < Exact ? new(Rounded(bound.Value, digits, bound.IsExclusive), false)
        : bound.Value == Least ? new(0, IsExclusive: false)
        : bound.Value == -Least ? new(0, IsExclusive: true)
        : bound;

    /// <summary>The next number with so many digits that is not above, or where that is not admitted, the one below it.</summary>
    private static decimal Rounded(decimal value, int places, bool isExclusive)
    {
        var unit = 1m;
        for (var at = 0; at < places; at++) unit /= 10;
        var whole = decimal.Truncate(value);
        var rounded = whole + (decimal.Floor((value - whole) / unit) * unit);
        return isExclusive && rounded == value ? rounded - unit : rounded;
    }

    /// <summary>The most there may be of something; null where no answer comes to so many.</summary>
    public static int? Most(JsonElement json, string at) =>
        Count(json, at) is var count && count <= GrammarRules.CountMax ? (int)count : null;

    /// <summary>The fewest there must be of something.</summary>
    /// <param name="json">The number.</param>
    /// <param name="schema">Where the schema is.</param>
    /// <param name="keyword">What asks for it.</param>
    /// <param name="isLoose">Whether more than a grammar can count is no demand, instead of being refused.</param>
    public static int Fewest(JsonElement json, string schema, string keyword, bool isLoose) =>
        Count(json, SchemaPath.Into(schema, keyword)) is var count && count <= GrammarRules.CountMax ? (int)count
        : isLoose ? 0
        : throw SchemaFaultException.Unsupported(schema, FormattableString.Invariant($"{keyword} of more than {GrammarRules.CountMax}"));

    private static decimal Count(JsonElement json, string at) =>
        json.ValueKind == JsonValueKind.Number && Read(json) is var count && count >= 0 && count == decimal.Truncate(count)
            ? count
            : throw SchemaFaultException.Invalid(at, "This must be a whole number that is not negative.");
}
