#pragma warning disable RS0030 // the strings of the one reader
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>Decodes JSON strings without ever throwing: half a surrogate pair becomes U+FFFD, or stays in a piece of a text.</summary>
/// <remarks>
/// Agents cut tool output at a length and send halves of emoji as <c>\ud83d</c>; such a turn must not die.
/// The reader's own GetString throws, and an exception per string would make a frame of them expensive.
/// </remarks>
internal static class JsonText
{
    /// <summary>The current string or property name. The UTF-8 of the whole input has been checked before.</summary>
    public static string Read(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return Encoding.UTF8.GetString(reader.ValueSpan);
        return HasHalfPair(reader.ValueSpan) ? Repaired(reader.ValueSpan) : reader.GetString()!;
    }

    /// <summary>The current string, a piece of a text: it keeps halves of pairs, for the other half may be in another piece.</summary>
    public static string ReadPiece(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return Encoding.UTF8.GetString(reader.ValueSpan);
        return HasHalfPair(reader.ValueSpan) ? Unescaped(reader.ValueSpan).ToString() : reader.GetString()!;
    }

    private static bool HasHalfPair(ReadOnlySpan<byte> escaped)
    {
        var isHighOpen = false; // the previous unit was a \u escape of a high surrogate
        while (true)
        {
            var at = escaped.IndexOf((byte)'\\');
            if (at != 0 && isHighOpen) return true;
            if (at < 0) return false;
            escaped = escaped[at..];
            if (escaped[1] != (byte)'u')
            {
                if (isHighOpen) return true;
                escaped = escaped[2..];
                continue;
            }
            var unit = Unit(escaped);
            if (isHighOpen != char.IsLowSurrogate(unit)) return true;
            isHighOpen = char.IsHighSurrogate(unit);
            escaped = escaped[6..];
        }
    }

    private static string Repaired(ReadOnlySpan<byte> escaped) => ReplaceHalves(Unescaped(escaped));

    private static StringBuilder Unescaped(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        while (!escaped.IsEmpty)
        {
            var at = escaped.IndexOf((byte)'\\');
            if (at < 0) at = escaped.Length;
            text.Append(Encoding.UTF8.GetString(escaped[..at]));
            escaped = escaped[at..];
            if (escaped.IsEmpty) break;
            var isUnit = escaped[1] == (byte)'u';
            text.Append(isUnit ? Unit(escaped) : Plain(escaped[1]));
            escaped = escaped[(isUnit ? 6 : 2)..];
        }
        return text;
    }

    private static string ReplaceHalves(StringBuilder text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else text[i] = '\uFFFD';
        }
        return text.ToString();
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static char Plain(byte escape) => escape switch
    {
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        _ => (char)escape,
    };
}
