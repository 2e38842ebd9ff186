using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes what may stand behind the whole part of a number, from the point on, so that the number is not beyond an edge.</summary>
internal static class FractionGrammar
{
    /// <summary>Digits behind the point, where nothing says how many.</summary>
    public const int PlacesMax = 17;

    /// <summary>Where a fraction begins or ends.</summary>
    /// <param name="Digits">Its digits without zeros at the end.</param>
    /// <param name="IsExclusive">Whether it is no part of what is admitted.</param>
    internal readonly record struct Edge(string Digits, bool IsExclusive)
    {
        public char First => Digits.Length == 0 ? '0' : Digits[0];

        public Edge Behind => Digits.Length == 0 ? this : this with { Digits = Digits[1..] };

        public bool IsZero => Digits.Length == 0;
    }

    /// <summary>A point and digits, or nothing where zero is admitted; null when no fraction is.</summary>
    /// <param name="low">The least; null where the whole part is above it.</param>
    /// <param name="high">The most; null where the whole part is below it.</param>
    /// <param name="places">How many digits there may be; null where nothing says so.</param>
    public static string? Write(Edge? low, Edge? high, int? places)
    {
        if (low is { IsZero: true, IsExclusive: false }) low = null;
        var left = places ?? PlacesMax + Math.Max(low?.Digits.Length ?? 0, high?.Digits.Length ?? 0);
        var digits = left == 0 ? null : Digits(low, high, left, isFirst: true);
        return digits is null ? (IsZeroWithin(low, high) ? "" : null)
            : IsZeroWithin(low, high) ? $"(\".\" {digits})?" : $"\".\" {digits}";
    }

    /// <param name="low">What the digits must not be below.</param>
    /// <param name="high">What they must not be above.</param>
    /// <param name="left">How many there may be.</param>
    /// <param name="isFirst">Whether there must be one.</param>
    /// <returns>Null when there are none that fit.</returns>
    private static string? Digits(Edge? low, Edge? high, int left, bool isFirst)
    {
        if (low is { IsZero: true, IsExclusive: false }) low = null;
        if (high is { IsZero: true } end)
            return low is null && !end.IsExclusive ? Some("\"0\"", left, isFirst) : null;
        if (high is null && low is null) return Some("[0-9]", left, isFirst);
        if (high is null && low is { IsZero: true })
            return $"\"0\"{{0,{PlacesMax}}} [1-9] [0-9]{{0,{PlacesMax}}}";
        var (first, last) = (low?.First ?? '0', high?.First ?? '9');
        var ways = new List<string?>();
        if (first == last)
        {
            ways.Add(Way(first, low?.Behind, high?.Behind));
        }
        else
        {
            if (low is { } from) ways.Add(Way(first++, from.Behind, null));
            if (high is { } to) ways.Add(Way(last--, null, to.Behind));
            if (first <= last) ways.Add(Gbnf.Sequence($"[{first}-{last}]", Some("[0-9]", left - 1, isFirst: false)));
        }
        var possible = ways.OfType<string>().ToList();
        var isOptional = !isFirst && IsZeroWithin(low, high);
        return possible.Count == 0 ? (isOptional ? "" : null) : $"({Gbnf.Choice(possible)}){(isOptional ? "?" : "")}";

        string? Way(char digit, Edge? least, Edge? most) =>
            Digits(least, most, left - 1, isFirst: false) is { } rest ? Gbnf.Sequence($"\"{digit}\"", rest) : null;
    }

    private static bool IsZeroWithin(Edge? low, Edge? high) =>
        low is null or { IsZero: true, IsExclusive: false } && high is null or { IsZero: false } or { IsExclusive: false };

    private static string Some(string digit, int left, bool isFirst) =>
        left <= 0 ? "" : FormattableString.Invariant($"{digit}{{{(isFirst ? 1 : 0)},{left}}}");
}
