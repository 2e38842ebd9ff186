using System.Globalization;
using System.Text;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads what a backslash stands for in a text that a model quotes.</summary>
internal static class TextEscapes
{
    /// <summary>Reads one and adds it to a JSON text; returns how many characters it had, none where more have to come first.</summary>
    /// <param name="text">Begins with a backslash, and has one character more.</param>
    /// <param name="json">Where it goes.</param>
    /// <param name="isPython">Whether those that Python alone has are read, too.</param>
    /// <param name="isLast">Whether nothing more comes.</param>
    public static int Read(ReadOnlySpan<char> text, StringBuilder json, bool isPython, bool isLast)
    {
        var digits = text[1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (text.Length < 2 + digits && !isLast) return 0;
            if (Code(text, digits) is { } code) return Coded(code, text, json, 2 + digits, isLast);
        }
        if (isPython && text[1] is >= '0' and <= '7') return Octal(text[1..], json, isLast);
        var escaped = text[1] switch
        {
            'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", '\n' => "", '0' => "\0",
            'a' when isPython => "\a", 'v' when isPython => "\v",
            '\\' or '"' or '\'' or '/' => text[1].ToString(), var other => "\\" + other,
        };
        json.AppendInText(escaped);
        return 2;
    }

    private static uint? Code(ReadOnlySpan<char> text, int digits) => text.Length >= 2 + digits
        && uint.TryParse(text.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
        && code <= 0x10FFFF ? code : null;

    /// <summary>A character by its number; the first half of a pair waits for the other, so that no half is sent alone.</summary>
    private static int Coded(uint code, ReadOnlySpan<char> text, StringBuilder json, int taken, bool isLast)
    {
        const int Escaped = 6; // characters of one half
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            var behind = text[taken..];
            if (!isLast && behind.Length < Escaped && "\\u".AsSpan().StartsWith(behind[..Math.Min(2, behind.Length)])) return 0;
            if (behind.StartsWith("\\u") && Code(behind, Escaped - 2) is >= 0xDC00 and <= 0xDFFF and var low)
            {
                json.Append((char)code).Append((char)low);
                return taken + Escaped;
            }
        }
        json.AppendInText(code <= 0xFFFF ? ((char)code).ToString() : new Rune(code).ToString());
        return taken;
    }

    /// <summary>A character by up to three octal digits.</summary>
    private static int Octal(ReadOnlySpan<char> digits, StringBuilder json, bool isLast)
    {
        const int DigitsMax = 3;
        var (length, code) = (0, 0);
        for (; length < Math.Min(DigitsMax, digits.Length) && digits[length] is >= '0' and <= '7'; length++)
            code = (code * 8) + (digits[length] - '0');
        if (length == digits.Length && length < DigitsMax && !isLast) return 0;
        json.AppendInText([(char)code]);
        return 1 + length;
    }
}
