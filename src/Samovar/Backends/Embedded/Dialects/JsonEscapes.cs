using System.Globalization;
using System.Text;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Texts as JSON writes them.</summary>
internal static class JsonEscapes
{
    /// <summary>Adds characters that stand inside of a JSON text.</summary>
    public static StringBuilder AppendInText(this StringBuilder json, ReadOnlySpan<char> text)
    {
        while (true)
        {
            var at = IndexOfEscaped(text);
            json.Append(text[..at]);
            if (at == text.Length) return json;
            AppendEscape(json, text[at]);
            text = text[(at + 1)..];
        }
    }

    public static string Quote(string text) => new StringBuilder("\"", text.Length + 2).AppendInText(text).Append('"').ToString();

    private static int IndexOfEscaped(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
            if (text[at] is < ' ' or '"' or '\\') return at;
        return text.Length;
    }

    private static void AppendEscape(StringBuilder json, char one)
    {
        if (one is '"' or '\\') json.Append('\\').Append(one);
        else if (one == '\n') json.Append("\\n");
        else if (one == '\r') json.Append("\\r");
        else if (one == '\t') json.Append("\\t");
        else json.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
    }
}
