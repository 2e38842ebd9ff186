using System.Globalization;
using System.Numerics;
using System.Text;

namespace Samovar.Templates.Values;

/// <summary>The letters that write a whole number: <c>d</c>, <c>b</c>, <c>o</c>, <c>x</c>, <c>X</c> and <c>c</c>.</summary>
internal static class WholeFormat
{
    /// <summary>The digits of a magnitude.</summary>
    public static string Digits(BigInteger magnitude, char kind) => kind switch
    {
        'b' => InBase(magnitude, 1),
        'o' => InBase(magnitude, 3),
        'x' => InBase(magnitude, 4),
        'X' => InBase(magnitude, 4).ToUpperInvariant(),
        _ => Numbers.Text(magnitude),
    };

    public static string Prefix(char kind) => kind switch { 'b' => "0b", 'o' => "0o", 'x' => "0x", 'X' => "0X", _ => "" };

    public static string Character(BigInteger code) => code >= 0 && code <= 0x10FFFF && Rune.IsValid((int)code)
        ? new Rune((int)code).ToString()
        : throw new TemplateException("There is no character of this number.");

    /// <summary>Digits in groups, such as <c>1,234</c>.</summary>
    public static string Grouped(string digits, char separator, int size)
    {
        var text = new StringBuilder(digits.Length + digits.Length / size);
        for (var at = 0; at < digits.Length; at++)
        {
            if (at > 0 && (digits.Length - at) % size == 0)
                text.Append(separator);
            text.Append(digits[at]);
        }
        return text.ToString();
    }

    private static string InBase(BigInteger value, int bits)
    {
        if (value.IsZero)
            return "0";
        var digits = new StringBuilder();
        for (var mask = (1 << bits) - 1; !value.IsZero; value >>= bits)
            digits.Insert(0, ((int)(value & mask)).ToString("x", CultureInfo.InvariantCulture));
        return digits.ToString();
    }
}
