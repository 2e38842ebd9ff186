namespace Samovar.Gateway.Json;

/// <summary>
/// Numbers that JSON does not have, as Python writes them where nobody forbids it (<c>NaN</c>, <c>-Infinity</c>): log probabilities and
/// timings of servers. They stand beside what is said, so they are read as <c>null</c>.
/// </summary>
internal static class NotNumbers
{
    /// <summary>The same text, in memory of its own where it had such numbers.</summary>
    public static ReadOnlyMemory<byte> AsNull(ReadOnlyMemory<byte> text) => TryMend(text.Span) ?? text;

    /// <inheritdoc cref="AsNull(ReadOnlyMemory{byte})"/>
    public static ReadOnlySpan<byte> AsNull(ReadOnlySpan<byte> text) => TryMend(text) is { } mended ? mended : text;

    /// <summary>Null where there is nothing to mend: all texts but a few, which a search finds faster than a reading.</summary>
    private static byte[]? TryMend(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("NaN"u8) < 0 && text.IndexOf("Infinity"u8) < 0) return null;
        var mended = new List<byte>(text.Length + 8);
        var (isText, hasMended) = (false, false);
        for (var at = 0; at < text.Length;)
        {
            var length = isText ? 0 : LengthOf(text[at..]);
            if (length > 0)
            {
                mended.AddRange("null"u8);
                (at, hasMended) = (at + length, true);
                continue;
            }
            if (isText && text[at] == (byte)'\\' && at + 1 < text.Length) mended.Add(text[at++]);
            else if (text[at] == (byte)'"') isText = !isText;
            mended.Add(text[at++]);
        }
        return hasMended ? [.. mended] : null;
    }

    private static int LengthOf(ReadOnlySpan<byte> text) => text.StartsWith("NaN"u8) ? 3
        : text.StartsWith("Infinity"u8) ? 8
        : text.StartsWith("-Infinity"u8) ? 9 : 0;
}
