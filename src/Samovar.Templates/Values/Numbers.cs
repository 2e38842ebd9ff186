using System.Globalization;
using System.Numerics;

namespace Samovar.Templates.Values;

/// <summary>Takes values as numbers, as Python does.</summary>
internal static class Numbers
{
    /// <summary>More bits than the 4,300 digits that Python writes need.</summary>
    public const int BitsMax = 32_768;

    /// <summary>The value as a whole number, which true and false are too; null if it is not one.</summary>
    public static BigInteger? Whole(TemplateValue value) => value switch
    {
        TemplateValue.Int whole => whole.Value,
        TemplateValue.LargeInt large => large.Value,
        TemplateValue.Bool flag => flag.Value ? 1 : 0,
        TemplateValue.Float { Source: { } source } when IsWhole(source) => Parse(source),
        _ => null,
    };

    /// <summary>As <see cref="Whole"/>, where 64 bits hold it.</summary>
    public static long? Small(TemplateValue value) => value switch
    {
        TemplateValue.Int whole => whole.Value,
        TemplateValue.Bool flag => flag.Value ? 1 : 0,
        _ => null,
    };

    /// <summary>Whether Python has this as an <c>int</c> that is not a <c>bool</c>.</summary>
    public static bool IsInteger(TemplateValue value) => value switch
    {
        TemplateValue.Int or TemplateValue.LargeInt => true,
        TemplateValue.Float { Source: { } source } => IsWhole(source),
        _ => false,
    };

    public static bool IsNumber(TemplateValue value) =>
        value is TemplateValue.Int or TemplateValue.Float or TemplateValue.Bool or TemplateValue.LargeInt;

    /// <summary>The value as a number with a fraction; null if it is not a number.</summary>
    public static double? Fraction(TemplateValue value) => value switch
    {
        TemplateValue.Float number => number.Value,
        TemplateValue.Int whole => whole.Value,
        _ when Whole(value) is { } whole => ToDouble(whole),
        _ => null,
    };

    /// <summary>Exact also between whole numbers and fractions; not for NaN.</summary>
    public static int Compare(TemplateValue left, TemplateValue right)
    {
        if (Small(left) is { } a && Small(right) is { } b)
            return a.CompareTo(b);
        if (Whole(left) is { } large && Whole(right) is { } other)
            return large.CompareTo(other);
        if (Whole(left) is { } whole && right is TemplateValue.Float fraction)
            return -Compare(fraction.Value, whole);
        if (left is TemplateValue.Float number && Whole(right) is { } second)
            return Compare(number.Value, second);
        return Fraction(left)!.Value.CompareTo(Fraction(right)!.Value);
    }

    public static string Text(BigInteger value)
    {
        const int DigitsMax = 4300;
        var text = value.ToString(CultureInfo.InvariantCulture);
        return text.Length <= DigitsMax ? text : throw new TemplateException($"A number of more than {DigitsMax} digits is not written.");
    }

    public static double ToDouble(BigInteger value)
    {
        var number = (double)value;
        if (BigInteger.Abs(value) > 1L << 53 && double.IsFinite(number))
            number = ExactDecimal.Divide(value, BigInteger.One); // the cast cuts instead of rounding
        return double.IsFinite(number) ? number : throw new TemplateException("The number is too large for a fraction.");
    }

    private static int Compare(double fraction, BigInteger whole)
    {
        if (!double.IsFinite(fraction))
            return fraction > 0 ? 1 : -1;
        var floor = Math.Floor(fraction);
        var order = new BigInteger(floor).CompareTo(whole);
        return order != 0 ? order : fraction > floor ? 1 : 0;
    }

    private static bool IsWhole(string source) =>
        !source.AsSpan().ContainsAnyExceptInRange('0', '9') || (source is ['-', ..] && !source.AsSpan(1).ContainsAnyExceptInRange('0',
            '9'));

    private static BigInteger Parse(string source)
    {
        const int DigitsMax = 4300;
        return source.Length <= DigitsMax
            ? BigInteger.Parse(source, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw new TemplateException($"A number of more than {DigitsMax} digits is not read.");
    }
}
