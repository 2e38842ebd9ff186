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

    /// <summary>The place of a code point, or the end of the text.</summary>
    public static int OffsetOf(string text, int index)
    {
        if (AreChars(text))
            return Math.Min(index, text.Length);
        var at = 0;
        for (; index > 0 && at < text.Length; index--)
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        return at;
    }

    /// <summary>The first code points of a text.</summary>
    public static string Take(string text, int count) => text[..OffsetOf(text, Math.Max(0, count))];
}
