using System.Globalization;
using System.Text;

namespace Samovar.Grammars.Rules;

/// <summary>The smallest pieces of GBNF text.</summary>
internal static class Gbnf
{
    /// <summary>A quoted text that stands for itself.</summary>
    public static string Literal(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var one in text)
        {
            quoted.Append(one switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => "\\x" + ((int)one).ToString("X2", CultureInfo.InvariantCulture),
                _ => one.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>A character as it is written in a bracket; whatever could mean something there is written by its number.</summary>
    public static string ClassCharacter(int code) => code switch
    {
        < 0x80 when char.IsAsciiLetterOrDigit((char)code) => ((char)code).ToString(),
        <= 0xFF => "\\x" + code.ToString("X2", CultureInfo.InvariantCulture),
        <= 0xFFFF => "\\u" + code.ToString("X4", CultureInfo.InvariantCulture),
        _ => "\\U" + code.ToString("X8", CultureInfo.InvariantCulture),
    };

    public static string Choice(IEnumerable<string> alternatives) => string.Join(" | ", alternatives);

    public static string Sequence(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Length > 0)
                text.Append(text.Length > 0 ? " " : "").Append(part);
        }
        return text.ToString();
    }
}
