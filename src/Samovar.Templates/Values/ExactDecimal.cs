using System.Globalization;
using System.Numerics;

namespace Samovar.Templates.Values;

/// <summary>Decimals of binary fractions, rounded once, ties to even, as Python does.</summary>
internal static class ExactDecimal
{
    private const int MantissaBits = 52;
    private const int LowestExponent = -1074;

    /// <summary>The magnitude times ten to the power of <paramref name="places"/>, as a whole number.</summary>
    public static BigInteger Scaled(double value, int places)
    {
        var (mantissa, exponent) = Parts(Math.Abs(value));
        var top = mantissa;
        var bottom = BigInteger.One;
        if (places >= 0)
            top *= BigInteger.Pow(10, places);
        else
            bottom *= BigInteger.Pow(10, -places);
        if (exponent >= 0)
            top <<= exponent;
        else
            bottom <<= -exponent;
        return RoundedQuotient(top, bottom);
    }

    /// <summary>As <c>'%.*f'</c>, without the sign.</summary>
    public static string Fixed(double value, int places)
    {
        var digits = Scaled(value, places).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return places == 0 ? digits : digits[..^places] + "." + digits[^places..];
    }

    /// <summary>The first <paramref name="count"/> digits and the power of ten of the first of them.</summary>
    public static (string Digits, int Exponent) Significant(double value, int count)
    {
        if (value == 0)
            return (new string('0', count), 0);
        var exponent = FirstDigit(value);
        var digits = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        return digits.Length == count ? (digits, exponent) : (digits[..count], exponent + 1); // rounded up to the next power of ten
    }

    /// <summary>The power of ten of the first digit, before anything is rounded.</summary>
    private static int FirstDigit(double value)
    {
        var guess = (int)Math.Floor(Math.Log10(Math.Abs(value))); // may be one off beside a power of ten
        return IsAtLeast(value, guess + 1) ? guess + 1 : IsAtLeast(value, guess) ? guess : guess - 1;
    }

    private static bool IsAtLeast(double value, int power)
    {
        var (mantissa, exponent) = Parts(Math.Abs(value));
        var bound = power > 0 ? BigInteger.Pow(10, power) : BigInteger.One;
        if (power < 0) mantissa *= BigInteger.Pow(10, -power);
        if (exponent > 0) mantissa <<= exponent;
        else bound <<= -exponent;
        return mantissa >= bound;
    }

    /// <summary>As <c>round(value, places)</c>.</summary>
    public static double Round(double value, int places)
    {
        const int PlacesMax = 330;
        if (!double.IsFinite(value) || places > PlacesMax)
            return value;
        if (places < -PlacesMax)
            return double.IsNegative(value) ? -0.0 : 0.0;
        var text = Scaled(value, places).ToString(CultureInfo.InvariantCulture) + "e" + (-places).ToString(CultureInfo.InvariantCulture);
        var magnitude = double.Parse(text, CultureInfo.InvariantCulture);
        return double.IsNegative(value) ? -magnitude : magnitude;
    }

    /// <summary>The quotient of whole numbers, rounded once.</summary>
    public static double Divide(BigInteger top, BigInteger bottom)
    {
        if (top.IsZero)
            return 0;
        var negative = top.Sign * bottom.Sign < 0;
        (top, bottom) = (BigInteger.Abs(top), BigInteger.Abs(bottom));
        var shift = (int)(top.GetBitLength() - bottom.GetBitLength()) - MantissaBits - 4;
        var mantissa = shift >= 0 ? DivideSticky(top, bottom << shift) : DivideSticky(top << -shift, bottom);
        var extra = (int)Math.Max(mantissa.GetBitLength() - MantissaBits - 1, LowestExponent - shift);
        var rounded = RoundedQuotient(mantissa, BigInteger.One << extra);
        var value = Math.ScaleB((double)rounded, shift + extra);
        return negative ? -value : value;
    }

    private static BigInteger DivideSticky(BigInteger top, BigInteger bottom)
    {
        var quotient = BigInteger.DivRem(top, bottom, out var remainder);
        return remainder.IsZero ? quotient : quotient | BigInteger.One;
    }

    private static BigInteger RoundedQuotient(BigInteger top, BigInteger bottom)
    {
        var quotient = BigInteger.DivRem(top, bottom, out var remainder);
        var twice = (remainder << 1).CompareTo(bottom);
        return twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (BigInteger Mantissa, int Exponent) Parts(double magnitude)
    {
        var bits = BitConverter.DoubleToInt64Bits(magnitude);
        var exponent = (int)(bits >> MantissaBits);
        var mantissa = bits & ((1L << MantissaBits) - 1);
        return exponent == 0 ? (mantissa, LowestExponent) : (mantissa | 1L << MantissaBits, exponent + LowestExponent - 1);
    }
}
