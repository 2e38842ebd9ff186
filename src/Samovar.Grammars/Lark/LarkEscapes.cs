using System.Globalization;
using System.Text;

namespace Samovar.Grammars.Lark;

/// <summary>The escapes of a quoted text, as Python has them.</summary>
internal static class LarkEscapes
{
    /// <summary>Null where one is not an escape.</summary>
    public static string? Resolve(string text)
    {
        var resolved = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                resolved.Append(text[at]);
                continue;
            }
            if (++at == text.Length)
                return null;
            var digits = text[at] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits == 0)
            {
                if (Simple(text[at]) is not { } simple)
                    return null;
                resolved.Append(simple);
                continue;
            }
            if (at + digits >= text.Length || !Rune.TryCreate(Code(text, at + 1, digits), out var rune))
                return null;
            resolved.Append(rune.ToString());
            at += digits;
        }
        return resolved.ToString();
    }

    private static int Code(string text, int at, int digits) =>
        int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : -1;

    private static char? Simple(char letter) => letter switch
    {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\f',
        'v' => '\v',
        '\\' or '"' or '\'' or '/' => letter,
        _ => null,
    };
}
