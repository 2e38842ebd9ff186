namespace Samovar.Engine.Tokens;

/// <summary>Cuts runs without end, of letters or of spaces, before libllama meets them.</summary>
/// <remarks>
/// Most vocabularies' words are found by patterns that libllama hands to the C++ library's regular expressions, which call themselves once
/// or more for each character of a match: 40,000 of one letter overflow the stack, and the process is gone. Only runs that long are cut,
/// at a place where a word ends if there is one near; a few tokens at the cut may then be others than those of the whole.
/// </remarks>
internal static class LongRuns
{
    private const int LookBack = 256;

    /// <summary>Bytes that are tokenised without a look at whether anybody still waits.</summary>
    public const int PartBytes = 1 << 16;

    /// <summary>The parts of a piece of text whose runs are no longer than a bound.</summary>
    public static IEnumerable<(int Start, int Length)> Parts(byte[] text, int start, int length, int runMax)
    {
        var (part, run) = (start, start);
        for (var at = start + 1; at < start + length; at++)
        {
            if (IsSpace(text[at]) != IsSpace(text[at - 1])) run = at;
            else if (at - run >= runMax)
            {
                at = run = CutNear(text, at, at - LookBack);
                yield return (part, at - part);
                part = at;
            }
        }
        yield return (part, start + length - part);
    }

    /// <summary>Parts of a bounded size, cut before a space if there is one near.</summary>
    public static IEnumerable<(int Start, int Length)> Parts(byte[] text, int start, int length)
    {
        for (var (from, end) = (start, start + length); from < end;)
        {
            var to = end - from <= PartBytes ? end : CutAtSpace(text, from + PartBytes);
            yield return (from, to - from);
            from = to;
        }
    }

    private static int CutAtSpace(byte[] text, int at)
    {
        for (var cut = at; cut > at - LookBack; cut--)
            if (IsSpace(text[cut]) && !IsSpace(text[cut - 1])) return cut;
        while ((text[at] & 0xC0) == 0x80) at--;
        return at;
    }

    private static int CutNear(byte[] text, int at, int least)
    {
        for (var cut = at; cut > least; cut--)
            if (IsLetter(text[cut - 1]) && !IsLetter(text[cut]) && !IsSpace(text[cut])) return cut;
        while ((text[at] & 0xC0) == 0x80) at--;
        return at;
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or >= 9 and <= 13;

    private static bool IsLetter(byte value) => value >= 0x80 || char.IsAsciiLetter((char)value);
}
