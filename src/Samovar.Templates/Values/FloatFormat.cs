using System.Globalization;

namespace Samovar.Templates.Values;

/// <summary>The letters that write a number with a fraction: <c>e</c>, <c>f</c>, <c>g</c>, <c>%</c> and their capitals.</summary>
internal static class FloatFormat
{
    /// <summary>Digits behind the point, and characters of a width, in any one hole.</summary>
    public const int SizeMax = 1000;

    private const int UsualPrecision = 6;

    /// <summary>The magnitude of a number, without its sign.</summary>
    /// <param name="value">The number.</param>
    /// <param name="kind">The letter; <c>\0</c> is that of a brace without one.</param>
    /// <param name="given">Its precision.</param>
    /// <param name="keepsPoint">Whether zeros and a point at the end stay.</param>
    public static string Magnitude(double value, char kind, int? given, bool keepsPoint = false)
    {
        var text = double.IsFinite(value)
            ? Finite(value, char.ToLowerInvariant(kind), given ?? UsualPrecision, keepsPoint, isBare: kind == '\0')
            : double.IsNaN(value) ? "nan" : "inf";
        if (kind == '%' && !double.IsFinite(value))
            text += "%";
        return char.IsUpper(kind) ? text.ToUpperInvariant() : text;
    }

    private static string Finite(double value, char kind, int precision, bool keepsPoint, bool isBare) => kind switch
    {
        'e' => Exponential(value, precision, keepsPoint),
        'f' => Pointed(ExactDecimal.Fixed(value, precision), keepsPoint),
        '%' => Pointed(ExactDecimal.Fixed(value * 100, precision), keepsPoint) + "%",
        _ => General(value, Math.Max(precision, 1), keepsPoint, isBare),
    };

    private static string Exponential(double value, int precision, bool keepsPoint)
    {
        var (digits, exponent) = ExactDecimal.Significant(value, precision + 1);
        return Pointed(precision == 0 ? digits : digits[..1] + "." + digits[1..], keepsPoint) + Exponent(exponent);
    }

    private static string General(double value, int precision, bool keepsPoint, bool isBare)
    {
        var (digits, exponent) = ExactDecimal.Significant(value, precision);
        if (exponent < -4 || exponent >= precision - (isBare ? 1 : 0))
        {
            var mantissa = digits.Length == 1 ? digits : digits[..1] + "." + digits[1..];
            return (keepsPoint ? mantissa : Trimmed(mantissa)) + Exponent(exponent);
        }
        var pointed = ExactDecimal.Fixed(value, precision - 1 - exponent);
        pointed = keepsPoint ? Pointed(pointed, keepsPoint) : Trimmed(pointed);
        return isBare && !pointed.Contains('.') ? pointed + ".0" : pointed;
    }

    private static string Trimmed(string text) => text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;

    private static string Pointed(string text, bool keepsPoint) => keepsPoint && !text.Contains('.') ? text + "." : text;

    private static string Exponent(int exponent) =>
        (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
}
