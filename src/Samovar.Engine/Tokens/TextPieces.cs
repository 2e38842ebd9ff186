namespace Samovar.Engine.Tokens;

/// <summary>A part of a text that is tokenised by itself.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Token">The special token that it is; null for text.</param>
/// <param name="HasSpecials">Whether libllama still has to look for special tokens in it.</param>
internal readonly record struct TextPiece(int Start, int Length, int? Token, bool HasSpecials);

/// <summary>Cuts a text at its special tokens: the pieces' tokens, one after another, are the text's.</summary>
internal static class TextPieces
{
    private static ReadOnlySpan<byte> Spaces => " \t\n\v\f\r"u8;

    public static IEnumerable<TextPiece> Of(byte[] text, int length, IReadOnlyList<SpecialPlace> places)
    {
        var (from, hasSpecials, stripsLeft) = (0, false, false);
        foreach (var place in places)
        {
            if (place.Special is not { } special)
            {
                hasSpecials = true;
                continue;
            }
            if (Text(text, from, place.Start, stripsLeft, special.StripsLeft, hasSpecials) is { } before) yield return before;
            yield return new TextPiece(place.Start, place.Length, special.Token, false);
            (from, hasSpecials, stripsLeft) = (place.Start + place.Length, false, special.StripsRight);
        }
        if (Text(text, from, length, stripsLeft, false, hasSpecials) is { } last) yield return last;
    }

    private static TextPiece? Text(byte[] text, int from, int to, bool stripStart, bool stripEnd, bool hasSpecials)
    {
        while (stripStart && from < to && Spaces.Contains(text[from])) from++;
        while (stripEnd && from < to && Spaces.Contains(text[to - 1])) to--;
        return from < to ? new TextPiece(from, to - from, null, hasSpecials) : null;
    }
}
