using System.Globalization;

namespace Samovar.Protocol.Json;

/// <summary>Compares JSON numbers exactly, whatever their size: <c>1e2</c> is <c>100.0</c>.</summary>
internal static class JsonNumber
{
    /// <summary>Digits of an exponent that is still calculated with; numbers beyond are the same only where they are written the
    /// same.</summary>
    private const int ExponentDigitsMax = 15;

    public static bool AreEqual(string one, string other) => string.Equals(one, other, StringComparison.Ordinal)
        || Taken(one) is { } a && Taken(other) is { } b && a == b;

    /// <summary>One text for all numbers that are the same.</summary>
    public static string Canonical(string number) => Taken(number) is { } taken
        ? string.Create(CultureInfo.InvariantCulture, $"{(taken.IsNegative ? "-" : "")}{taken.Digits}e{taken.Power}") : number;

    /// <summary>Sign, digits without zeros at either end, and the power of ten of the last of them.</summary>
    private static (bool IsNegative, string Digits, long Power)? Taken(string number)
    {
        var at = number.AsSpan().IndexOfAny('e', 'E');
        var exponent = at < 0 ? "0" : number.AsSpan(at + 1);
        if (exponent.Length > ExponentDigitsMax) return null;
        var power = long.Parse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = at < 0 ? number : number[..at];
        var isNegative = mantissa[0] == '-';
        if (isNegative) mantissa = mantissa[1..];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = dot < 0 ? mantissa : mantissa.Remove(dot, 1);
        if (dot >= 0) power -= mantissa.Length - dot - 1;
        var kept = digits.TrimEnd('0');
        if (kept.Length == 0) return (false, "", 0);
        return (isNegative, kept.TrimStart('0'), power + digits.Length - kept.Length);
    }
}
