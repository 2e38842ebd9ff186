using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Reads and writes numbers as Python does.</summary>
internal static class PythonNumbers
{
    private const int FirstExponentWritten = 16;
    private const int LastExponentWritten = -5;
    private static readonly SearchValues<char> FractionChars = SearchValues.Create("0123456789._eE+-");

    /// <summary>The shortest text that reads back as the same number, such as <c>1.0</c>, <c>1e+16</c> or <c>1e-05</c>.</summary>
    public static string Repr(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        return (double.IsNegative(value) ? "-" : "") + Lay(Digits(shortest), Exponent(shortest));
    }

    /// <summary>Reads as <c>int(text, base)</c> does; base 0 takes the prefix's word for it.</summary>
    public static BigInteger? ParseInt(string text, int numberBase)
    {
        const int DigitsMax = 4300, BaseMax = 36;
        if (numberBase is not (0 or (>= 2 and <= BaseMax)))
            return null;
        ReadOnlySpan<char> digits = WithAsciiDigits(PythonChars.Trim(text));
        var negative = digits is ['-', ..];
        if (digits is ['-' or '+', ..])
            digits = digits[1..];
        var hadBase = numberBase != 0;
        digits = WithoutPrefix(digits, ref numberBase);
        if (digits.IsEmpty || digits[^1] == '_' || digits[0] == '_' || digits.IndexOf("__", StringComparison.Ordinal) >= 0
            || digits.Length > DigitsMax)
            return null;
        if (!hadBase && numberBase == 10 && digits[0] == '0' && digits.ContainsAnyExcept('0', '_'))
            return null;
        var value = BigInteger.Zero;
        foreach (var one in digits)
        {
            if (one == '_')
                continue;
            var digit = char.IsAsciiLetter(one) ? (one | 0x20) - 'a' + 10 : char.IsAsciiDigit(one) ? one - '0' : -1;
            if (digit < 0 || digit >= numberBase)
                return null;
            value = value * numberBase + digit;
        }
        return negative ? -value : value;
    }

    public static double? ParseFloat(string text)
    {
        var trimmed = WithAsciiDigits(PythonChars.Trim(text));
        var unsigned = trimmed is ['+' or '-', ..] ? trimmed[1..] : trimmed;
        switch (unsigned.ToLowerInvariant())
        {
            case "inf" or "infinity": return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan": return double.NaN;
        }
        for (var at = unsigned.IndexOf('_', StringComparison.Ordinal); at >= 0; at = unsigned.IndexOf('_', at + 1))
        {
            if (at == 0 || at + 1 == unsigned.Length || !char.IsAsciiDigit(unsigned[at - 1]) || !char.IsAsciiDigit(unsigned[at + 1]))
                return null;
        }
        if (unsigned.AsSpan().ContainsAnyExcept(FractionChars)) // a NUL at the end is passed over
            return null;
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(trimmed.Replace("_", "", StringComparison.Ordinal), Styles, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    /// <summary>The digits of all scripts are digits.</summary>
    private static string WithAsciiDigits(ReadOnlySpan<char> text)
    {
        var plain = text.ToString();
        if (!text.ContainsAnyExceptInRange('\0', '\x7f'))
            return plain;
        var built = new StringBuilder(plain.Length);
        for (var at = 0; at < plain.Length; at += char.IsSurrogatePair(plain, at) ? 2 : 1)
        {
            if (CharUnicodeInfo.GetDecimalDigitValue(plain, at) is >= 0 and var digit)
                built.Append((char)('0' + digit));
            else
                built.Append(plain, at, char.IsSurrogatePair(plain, at) ? 2 : 1);
        }
        return built.ToString();
    }

    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> digits, scoped ref int numberBase)
    {
        var named = digits is ['0', var letter, ..] ? (letter | 0x20) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (named != 0 && (numberBase == 0 || numberBase == named))
        {
            numberBase = named;
            return digits is [_, _, '_', ..] ? digits[3..] : digits[2..];
        }
        numberBase = numberBase == 0 ? 10 : numberBase;
        return digits;
    }

    /// <summary>The digits that matter, without sign, point, exponent and outer zeros.</summary>
    private static string Digits(string shortest)
    {
        var mantissa = shortest.AsSpan(0, shortest.IndexOf('E') is var at && at < 0 ? shortest.Length : at);
        var digits = mantissa.ToString().Replace(".", "", StringComparison.Ordinal).Trim('-').Trim('0');
        return digits.Length == 0 ? "0" : digits;
    }

    /// <summary>The power of ten of the first digit that matters.</summary>
    private static int Exponent(string shortest)
    {
        var at = shortest.IndexOf('E');
        var mantissa = at < 0 ? shortest : shortest[..at];
        var written = at < 0 ? 0 : int.Parse(shortest.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var first = mantissa.AsSpan().IndexOfAnyInRange('1', '9');
        if (first < 0)
            return 0;
        var point = mantissa.IndexOf('.') is var found && found < 0 ? mantissa.Length : found;
        return written + (first < point ? point - first - 1 : point - first);
    }

    private static string Lay(string digits, int exponent)
    {
        if (exponent is >= FirstExponentWritten or <= LastExponentWritten)
        {
            var mantissa = digits.Length == 1 ? digits : digits[..1] + "." + digits[1..];
            var sign = exponent < 0 ? "-" : "+";
            return $"{mantissa}e{sign}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
        }
        if (exponent < 0)
            return "0." + new string('0', -exponent - 1) + digits;
        if (digits.Length <= exponent + 1)
            return digits.PadRight(exponent + 1, '0') + ".0";
        return digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }
}
