namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Finds calls that have no mark before them: they begin an answer, or a line, and name a tool.</summary>
internal sealed class BareCalls(IReadOnlyList<CallFormat> formats, IOutputSink sink, int headCharsMax)
{
    /// <param name="text">What stands there, without leading space.</param>
    /// <param name="isAnswerStart">Whether an answer begins there, not just a line.</param>
    /// <param name="isLast">Whether nothing more comes.</param>
    /// <param name="isNext">Whether it would follow other calls.</param>
    public (MarkMatch Match, CallFormat? Format) At(ReadOnlySpan<char> text, bool isAnswerStart, bool isLast, bool isNext = false)
    {
        if (formats.Count == 0) return (MarkMatch.No, null);
        if (text.IsEmpty) return (isLast ? MarkMatch.No : MarkMatch.Open, null);
        foreach (var format in formats)
        {
            var match = format.Style switch
            {
                ArgumentStyle.Object => Object(text, isLast),
                ArgumentStyle.Python when format.IsBracketed && !isNext && (!isAnswerStart || text[0] != '[') => MarkMatch.No,
                ArgumentStyle.Python => Python(text, isAnswerStart, isLast),
                _ when isAnswerStart => Offered(text, '{', isLast),
                _ => MarkMatch.No,
            };
            if (match != MarkMatch.No) return (match, format);
        }
        return (MarkMatch.No, null);
    }

    private static MarkMatch Object(ReadOnlySpan<char> text, bool isLast)
    {
        if (text[0] == '{') return MarkMatch.Yes;
        if (text[0] != '[') return MarkMatch.No;
        var inside = MarkText.BehindSpaces(text[1..]);
        if (inside.IsEmpty) return isLast ? MarkMatch.No : MarkMatch.Open;
        return inside[0] == '{' ? MarkMatch.Yes : MarkMatch.No;
    }

    private MarkMatch Python(ReadOnlySpan<char> text, bool isAnswerStart, bool isLast)
    {
        if (text[0] == '[') text = MarkText.BehindSpaces(text[1..]);
        else if (!isAnswerStart) return MarkMatch.No;
        return Offered(text, '(', isLast);
    }

    /// <summary>Whether a tool's name stands there, and this sign behind it.</summary>
    private MarkMatch Offered(ReadOnlySpan<char> text, char sign, bool isLast)
    {
        var end = 0;
        while (end < text.Length && end <= headCharsMax && text[end] != sign && !char.IsWhiteSpace(text[end])) end++;
        var name = text[..end];
        if (end == text.Length) return !isLast && sink.Offers(name) ? MarkMatch.Open : MarkMatch.No;
        if (end > headCharsMax || !sink.IsOffered(name.ToString())) return MarkMatch.No;
        var behind = MarkText.BehindSpaces(text[end..]);
        if (behind.IsEmpty) return isLast ? MarkMatch.No : MarkMatch.Open;
        return behind[0] == sign ? MarkMatch.Yes : MarkMatch.No;
    }
}
