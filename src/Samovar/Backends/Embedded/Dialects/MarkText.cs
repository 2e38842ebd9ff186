using System.Buffers;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Whether a mark stands at a place of a text that has not come to its end.</summary>
internal enum MarkMatch { No, Open, Yes }

/// <summary>Finds marks in a model's output, which writes the spaces inside of them as it likes.</summary>
internal static class MarkText
{
    /// <summary>Spaces in a row that stand within a mark, or between two: where there are more, none follows.</summary>
    public const int SpacesMax = 256;

    private static readonly SearchValues<char> StrongSigns = SearchValues.Create("<[|`{｜>");

    /// <summary>Whether the text begins with the mark, and how long it is there. Open: more text has to come first.</summary>
    public static (MarkMatch Match, int Length) At(ReadOnlySpan<char> text, string mark, bool isLast)
    {
        if (mark.Length == 0) return (MarkMatch.No, 0);
        var at = 0;
        for (var next = 0; next < mark.Length; next++)
        {
            if (char.IsWhiteSpace(mark[next]))
            {
                var spaces = Spaces(text[at..]);
                if (spaces > SpacesMax) return (MarkMatch.No, 0);
                at += spaces;
                while (next + 1 < mark.Length && char.IsWhiteSpace(mark[next + 1])) next++;
                continue;
            }
            if (mark[next] == '<' && next > 0 && mark[next - 1] == '>') // a template has its tags apart or not, a model as it likes
            {
                var spaces = Spaces(text[at..]);
                if (spaces > SpacesMax) return (MarkMatch.No, 0);
                at += spaces;
            }
            if (at == text.Length) return (isLast ? MarkMatch.No : MarkMatch.Open, 0);
            if (!IsSign(text[at++], mark[next])) return (MarkMatch.No, 0);
        }
        return (MarkMatch.Yes, at);
    }

    /// <summary>Models that have wide bars and low lines in their tokens spell these in plain letters, too.</summary>
    private static bool IsSign(char written, char sign) => written == sign || sign switch
    {
        '｜' => written == '|',
        '▁' => written is '_' or ' ',
        _ => false,
    };

    /// <summary>The first of some marks in a text; Open: where one may have begun.</summary>
    public static (MarkMatch Match, int At, int Length, int Which) Find(ReadOnlySpan<char> text, ReadOnlySpan<string> marks, bool isLast)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var (match, length, which) = Longest(text[at..], marks, isLast);
            if (match != MarkMatch.No) return (match, at, length, which);
        }
        return (MarkMatch.No, text.Length, 0, -1);
    }

    /// <summary>The longest mark that the text begins with; Open while a longer one may still follow.</summary>
    public static (MarkMatch Match, int Length, int Which) Longest(ReadOnlySpan<char> text, ReadOnlySpan<string> marks, bool isLast)
    {
        var best = (Match: MarkMatch.No, Length: 0, Which: -1);
        for (var which = 0; which < marks.Length; which++)
        {
            if (marks[which].Length == 0 || text.IsEmpty || marks[which][0] != text[0]) continue;
            var (match, length) = At(text, marks[which], isLast);
            if (match == MarkMatch.Open) return (MarkMatch.Open, 0, which);
            if (match == MarkMatch.Yes && length > best.Length) best = (match, length, which);
        }
        return best;
    }

    /// <summary>The parts of a closing text that models leave out one by one: tags, each with the word behind it.</summary>
    public static IEnumerable<string> Parts(string closing)
    {
        var from = 0;
        for (var at = 1; at <= closing.Length; at++)
        {
            var ends = at == closing.Length || char.IsWhiteSpace(closing[at])
                || (closing[at] == '<' && (closing[at - 1] is '>' or '`' or '｜' || char.IsWhiteSpace(closing[at - 1])));
            if (!ends) continue;
            if (closing.AsSpan(from, at - from).Trim() is { IsEmpty: false } part) yield return part.ToString();
            from = at;
        }
    }

    /// <summary>Whether a mark can hardly be written as a word of a text.</summary>
    public static bool IsStrong(string mark) => mark.AsSpan().ContainsAny(StrongSigns);

    /// <summary>Whether a mark is a token of the model's own, not a word that an explanation would quote.</summary>
    public static bool IsToken(string mark) => mark.Contains("<|", StringComparison.Ordinal)
        || mark.Contains("|>", StringComparison.Ordinal) || mark.Contains('｜')
        || (mark.StartsWith('[') && mark.Length > 2 && char.IsAsciiLetterUpper(mark[1]));

    /// <summary>Spaces that a text begins with; one more than <see cref="SpacesMax"/> where there are too many.</summary>
    public static int Spaces(ReadOnlySpan<char> text)
    {
        var spaces = 0;
        while (spaces < text.Length && spaces <= SpacesMax && char.IsWhiteSpace(text[spaces])) spaces++;
        return spaces;
    }

    /// <summary>What stands behind a text's spaces; where they are too many, nothing that any mark has.</summary>
    public static ReadOnlySpan<char> BehindSpaces(ReadOnlySpan<char> text) =>
        Spaces(text) is <= SpacesMax and var spaces ? text[spaces..] : "\0";
}
