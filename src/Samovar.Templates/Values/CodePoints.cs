using System.Text;

namespace Samovar.Templates.Values;

/// <summary>Counts and cuts texts by code points, as Python does; texts without surrogates take the short way.</summary>
internal static class CodePoints
{
    public static bool AreChars(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\uD800', '\uDFFF');

    public static int Count(string text)
    {
        if (AreChars(text))
            return text.Length;
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    /// <summary>One text for each code point.</summary>
    public static List<string> Split(string text)
    {
        var parts = new List<string>(text.Length);
        if (AreChars(text))
        {
            foreach (var one in text)
                parts.Add(one.ToString());
            return parts;
        }
        foreach (var rune in text.EnumerateRunes())
            parts.Add(rune.ToString());
        return parts;
    }

    /// <summary>The number of code points before a place in the text; -1 stays so.</summary>
    public static int IndexAt(string text, int index) => index <= 0 ? index : Count(text[..index]);
}
