namespace Samovar.Engine.Grammars;

/// <summary>Sets of code points, and the bytes that spell them.</summary>
internal static class CodeRanges
{
    public const int Last = 0x10FFFF;
    private const int SurrogatesFrom = 0xD800, SurrogatesTo = 0xDFFF;
    private static readonly (int From, int To)[] Lengths = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, Last)];

    /// <summary>The ranges in order, without overlaps and surrogates; or everything else.</summary>
    public static (int From, int To)[] Ordered(List<(int From, int To)> ranges, bool isNegated)
    {
        ranges.Sort();
        var merged = new List<(int From, int To)>();
        foreach (var range in ranges)
            if (merged.Count > 0 && range.From <= merged[^1].To + 1) merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, range.To));
            else merged.Add(range);
        return [.. isNegated ? Gaps(merged) : merged];
    }

    /// <summary>Sequences of byte ranges that spell a range of code points in UTF-8; each has as many ranges as its texts have
    /// bytes.</summary>
    public static IEnumerable<(byte Low, byte High)[]> Spelled(int from, int to)
    {
        foreach (var (low, high) in Lengths)
        {
            var (first, last) = (Math.Max(from, low), Math.Min(to, high));
            if (first > last) continue;
            foreach (var (begin, end) in WithoutSurrogates(first, last))
                foreach (var sequence in Split(Bytes(begin), Bytes(end))) yield return sequence;
        }
    }

    private static IEnumerable<(int From, int To)> Gaps(List<(int From, int To)> ranges)
    {
        var next = 0;
        foreach (var (from, to) in ranges)
        {
            if (from > next) yield return (next, from - 1);
            next = to + 1;
        }
        if (next <= Last) yield return (next, Last);
    }

    private static IEnumerable<(int From, int To)> WithoutSurrogates(int from, int to)
    {
        if (from < SurrogatesFrom) yield return (from, Math.Min(to, SurrogatesFrom - 1));
        if (to > SurrogatesTo) yield return (Math.Max(from, SurrogatesTo + 1), to);
    }

    // Both have the same length. A tail that covers all its bytes goes with its head's range as a whole.
    private static IEnumerable<(byte Low, byte High)[]> Split(byte[] low, byte[] high)
    {
        if (low.Length == 1 || low.AsSpan(0, low.Length - 1).SequenceEqual(high.AsSpan(0, high.Length - 1)) || IsWhole(low, high))
        {
            yield return [.. low.Zip(high)];
            yield break;
        }
        if (low[0] == high[0])
        {
            foreach (var tail in Split(low[1..], high[1..])) yield return [(low[0], high[0]), .. tail];
            yield break;
        }
        var beginsLate = low.AsSpan(1).ContainsAnyExcept((byte)0x80);
        var endsShort = high.AsSpan(1).ContainsAnyExcept((byte)0xBF);
        if (beginsLate)
            foreach (var tail in Split(low[1..], Filled(low.Length - 1, 0xBF))) yield return [(low[0], low[0]), .. tail];
        var (from, to) = ((byte)(low[0] + (beginsLate ? 1 : 0)), (byte)(high[0] - (endsShort ? 1 : 0)));
        if (from <= to) yield return [(from, to), .. Enumerable.Repeat(((byte)0x80, (byte)0xBF), low.Length - 1)];
        if (endsShort)
            foreach (var tail in Split(Filled(high.Length - 1, 0x80), high[1..])) yield return [(high[0], high[0]), .. tail];
    }

    private static bool IsWhole(byte[] low, byte[] high) =>
        !low.AsSpan(1).ContainsAnyExcept((byte)0x80) && !high.AsSpan(1).ContainsAnyExcept((byte)0xBF);

    private static byte[] Filled(int count, byte value)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static byte[] Bytes(int code) => code switch
    {
        <= 0x7F => [(byte)code],
        <= 0x7FF => [(byte)(0xC0 | code >> 6), Tail(code)],
        <= 0xFFFF => [(byte)(0xE0 | code >> 12), Tail(code >> 6), Tail(code)],
        _ => [(byte)(0xF0 | code >> 18), Tail(code >> 12), Tail(code >> 6), Tail(code)],
    };

    private static byte Tail(int code) => (byte)(0x80 | code & 0x3F);
}
