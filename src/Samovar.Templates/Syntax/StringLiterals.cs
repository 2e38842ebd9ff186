using System.Globalization;
using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Resolves the backslash escapes of a quoted text, as Python does.</summary>
internal static class StringLiterals
{
    public static string Unescape(ReadOnlySpan<char> raw)
    {
        if (!raw.Contains('\\'))
            return raw.ToString();
        var text = new StringBuilder(raw.Length);
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] == '\\' && at + 1 < raw.Length)
                at += Append(text, raw[(at + 1)..]);
            else
                text.Append(raw[at]);
        }
        return text.ToString();
    }

    /// <summary>Writes the meaning of what follows a backslash; returns how many characters that was.</summary>
    private static int Append(StringBuilder text, ReadOnlySpan<char> remaining)
    {
        switch (remaining[0])
        {
            case '\n': return 1;
            case 'x': return AppendCode(text, remaining, 2);
            case 'u': return AppendCode(text, remaining, 4);
            case 'U': return AppendCode(text, remaining, 8);
            case >= '0' and <= '7': return AppendOctal(text, remaining);
        }
        var plain = remaining[0] switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            '\\' or '\'' or '"' => remaining[0],
            _ => '\0',
        };
        if (plain == '\0')
            text.Append('\\').Append(remaining[0]);
        else
            text.Append(plain);
        return 1;
    }

    private static int AppendCode(StringBuilder text, ReadOnlySpan<char> remaining, int digits)
    {
        if (remaining.Length <= digits
            || !uint.TryParse(remaining.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code > 0x10FFFF)
            throw new TemplateException("The escape in a text is cut short or out of range.");
        if (code <= char.MaxValue)
            text.Append((char)code);
        else
            text.Append(char.ConvertFromUtf32((int)code));
        return digits + 1;
    }

    private static int AppendOctal(StringBuilder text, ReadOnlySpan<char> remaining)
    {
        var code = 0;
        var length = 0;
        while (length < 3 && length < remaining.Length && remaining[length] is >= '0' and <= '7')
            code = code * 8 + (remaining[length++] - '0');
        text.Append((char)code);
        return length;
    }
}
