using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Samovar.Protocol.Errors;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Json;

/// <summary>What must hold for bytes before they are read as JSON, and what is said when they are not JSON.</summary>
internal static class JsonInput
{
    /// <summary>What a client, or anybody whose values are kept, sent: checked, without halves of surrogate pairs, and without the mark
    /// that files begin with.</summary>
    public static ReadOnlyMemory<byte> Accept(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        Check(utf8, limits);
        if (utf8.Span.StartsWith("\uFEFF"u8)) utf8 = utf8["\uFEFF"u8.Length..];
        return HalfPairs.Mend(utf8);
    }

    /// <summary>A text that holds JSON inside: arguments of a call, a value that a model wrote. False where it is not JSON, or nested too
    /// deep; the value has no halves of surrogate pairs.</summary>
    public static bool TryParse(string text, out RawJson value)
    {
        value = default;
        var utf8 = HalfPairs.Mend(Encoding.UTF8.GetBytes(text));
        try
        {
            var json = new JsonCursor(utf8, ProtocolLimits.Default);
            json.Read();
            var whole = json.Raw();
            json.ReadEnd();
            value = whole;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Throws where the bytes are too many or no UTF-8: slices of them go out again as they are.</summary>
    public static void Check(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        if (utf8.Length > limits.FrameBytesMax) throw new ApiException(RequestTooLarge, [utf8.Length, limits.FrameBytesMax]);
        if (!Utf8.IsValid(utf8.Span)) throw new ApiException(InvalidJson, "not valid UTF-8");
    }

    /// <summary>The error of the catalogue for a text that is broken or nested too deep.</summary>
    public static ApiException Explain(JsonException broken, ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        if (IsDeeper(utf8.Span, limits.DepthMax)) return new ApiException(JsonTooDeep, limits.DepthMax);
        var place = string.Create(CultureInfo.InvariantCulture, $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine}");
        return new ApiException(InvalidJson, utf8.IsEmpty ? "it is empty" : "unexpected text at " + place, cause: broken);
    }

    /// <summary>Whether a text nests deeper than so many levels.</summary>
    public static bool IsDeeper(ReadOnlySpan<byte> utf8, int depthMax)
    {
        var depth = 0;
        var isInString = false;
        for (var i = 0; i < utf8.Length; i++)
        {
            var c = utf8[i];
            if (isInString && c == (byte)'\\') i++;
            else if (c == (byte)'"') isInString = !isInString;
            else if (isInString) continue;
            else if (c is (byte)'{' or (byte)'[' && ++depth > depthMax) return true;
            else if (c is (byte)'}' or (byte)']') depth--;
        }
        return false;
    }
}
