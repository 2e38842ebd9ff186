using System.Buffers.Text;

namespace Samovar.Protocol.Json;

/// <summary>Finds escapes of half a surrogate pair (<c>\ud83d</c> alone) in JSON text, and makes each <c>\ufffd</c>.</summary>
/// <remarks>
/// Agents cut tool output at a length and send halves of emoji. No other server, client or template is sure to take them, so what comes
/// from a client is mended once, where it comes in, and everything that is a slice of it is text that anybody can read. The escape keeps
/// its length: places and sizes stay as they were.
/// </remarks>
internal static class HalfPairs
{
    private const int EscapeBytes = 6;

    /// <summary>The same memory where nothing is to be mended, which is the usual case and costs a search for two bytes.</summary>
    public static ReadOnlyMemory<byte> Mend(ReadOnlyMemory<byte> json)
    {
        if (!MayHaveOne(json.Span)) return json;
        var first = Next(json.Span, 0);
        if (first < 0) return json;
        var mended = json.ToArray();
        for (var at = first; at >= 0; at = Next(mended, at + EscapeBytes)) "fffd"u8.CopyTo(mended.AsSpan(at + 2));
        return mended;
    }

    /// <summary>Where the next half stands, from a place that is not inside an escape; -1 if not found.</summary>
    private static int Next(ReadOnlySpan<byte> json, int from)
    {
        for (var at = from; ;)
        {
            var step = json[at..].IndexOf((byte)'\\');
            if (step < 0 || at + step + 1 >= json.Length) return -1;
            at += step;
            if (Unit(json[at..]) is not { } unit) at += 2;
            else if (!char.IsSurrogate(unit)) at += EscapeBytes;
            else if (IsPair(unit, json[(at + EscapeBytes)..])) at += 2 * EscapeBytes;
            else return at;
        }
    }

    private static bool IsPair(char unit, ReadOnlySpan<byte> behind) =>
        char.IsHighSurrogate(unit) && Unit(behind) is { } low && char.IsLowSurrogate(low);

    private static bool MayHaveOne(ReadOnlySpan<byte> json) => json.IndexOf("\\ud"u8) >= 0 || json.IndexOf("\\uD"u8) >= 0;

    /// <summary>The UTF-16 unit of the <c>\u</c> escape that the text begins with; null where it begins with none.</summary>
    private static char? Unit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeBytes && json.StartsWith("\\u"u8)
        && Utf8Parser.TryParse(json.Slice(2, 4), out ushort unit, out var read, 'x') && read == 4 ? (char)unit : null;
}
