using System.Text.RegularExpressions;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Compares rendered texts in pieces that mean something: tags' names, words, spaces, single signs.</summary>
internal static partial class Atoms
{
    /// <summary>How much of the first text both begin with; spaces between pieces do not count.</summary>
    public static int CommonStart(string first, string second)
    {
        var a = Pieces().EnumerateMatches(first);
        var b = Pieces().EnumerateMatches(second);
        var end = 0;
        while (Next(ref a, first) && Next(ref b, second))
        {
            var piece = first.AsSpan(a.Current.Index, a.Current.Length);
            if (!piece.SequenceEqual(second.AsSpan(b.Current.Index, b.Current.Length))) return end;
            end = a.Current.Index + a.Current.Length;
        }
        return end;
    }

    /// <summary>How much of the first text both begin with, to the letter; no tag is cut.</summary>
    public static int ExactStart(string first, string second)
    {
        var a = Pieces().EnumerateMatches(first);
        var b = Pieces().EnumerateMatches(second);
        var end = 0;
        while (a.MoveNext() && b.MoveNext()
            && first.AsSpan(a.Current.Index, a.Current.Length).SequenceEqual(second.AsSpan(b.Current.Index, b.Current.Length)))
            end = a.Current.Index + a.Current.Length;
        return end == first.Length || end == second.Length || !IsInTag(first, end) ? end : first.LastIndexOf('<', end - 1);
    }

    /// <summary>How many characters at the end both have, to the letter; no tag is cut, and one that belongs to the word before it stays
    /// with it.</summary>
    public static int ExactEnd(string first, string second)
    {
        var (a, b) = (Starts(first), Starts(second));
        var length = 0;
        for (var back = 1; back <= Math.Min(a.Count, b.Count); back++)
        {
            var tail = first.AsSpan(a[^back]);
            if (!tail.SequenceEqual(second.AsSpan(b[^back]))) break;
            length = tail.Length;
        }
        var (at, atOther) = (first.Length - length, second.Length - length);
        if (length == 0 || at == 0 || atOther == 0) return length;
        var isTagOfWord = first[at] == '<' && IsWord(first[at - 1]) && IsWord(second[atOther - 1]);
        if (!isTagOfWord && !IsInTag(first, at)) return length;
        var tag = first.IndexOf('>', at);
        return tag < 0 ? length : first.Length - tag - 1;
    }

    /// <summary>Whether a tag has begun before this place and not come to its end.</summary>
    private static bool IsInTag(string text, int at)
    {
        var open = at == 0 ? -1 : text.LastIndexOf('<', at - 1);
        return open >= 0 && text.IndexOf('>', open, at - open) < 0;
    }

    private static List<int> Starts(string text)
    {
        var starts = new List<int>();
        foreach (var piece in Pieces().EnumerateMatches(text)) starts.Add(piece.Index);
        return starts;
    }

    private static bool Next(ref Regex.ValueMatchEnumerator pieces, string text)
    {
        while (pieces.MoveNext())
            if (!char.IsWhiteSpace(text[pieces.Current.Index])) return true;
        return false;
    }

    private static bool IsWord(char one) => char.IsLetterOrDigit(one) || one is '_';

    [GeneratedRegex(
        @"</?[|｜]?[\w:.▁-]*|\s+|\w+|.", RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pieces();
}
