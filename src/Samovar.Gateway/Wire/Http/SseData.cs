using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>What the data of an event, or a line outside of one, can be.</summary>
internal static class SseData
{
    /// <summary>The mark that ends a stream, quoted or not, whatever its case.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> data)
    {
        const int LengthMax = 8; // "[DONE]" in quotes
        if (data.Length > LengthMax || data.IsEmpty) return false;
        data = data.Trim("\""u8);
        return System.Text.Ascii.EqualsIgnoreCase(data, "[DONE]"u8) || System.Text.Ascii.EqualsIgnoreCase(data, "[END]"u8);
    }

    /// <summary>
    /// Nothing at all, a value that says nothing, a word for a sign of life, or a comment that a proxy took for data.
    /// </summary>
    public static bool IsSilence(ReadOnlySpan<byte> data) => data.IsEmpty || data[0] == (byte)':'
        || data.SequenceEqual("null"u8) || data.SequenceEqual("\"\""u8) || data.SequenceEqual("[]"u8) || IsSignOfLife(data);

    /// <summary>What an event is called that only says that its sender is there, or says so itself.</summary>
    public static bool IsSignOfLife(ReadOnlySpan<byte> word)
    {
        const int LengthMax = 12; // "keep-alive" in quotes
        if (word.Length is < 4 or > LengthMax) return false;
        foreach (var sign in SignsOfLife)
            if (System.Text.Ascii.EqualsIgnoreCase(word.Trim("\""u8), sign)) return true;
        return false;
    }

    private static readonly byte[][] SignsOfLife =
        [.. new[] { "ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep_alive" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>Whether something may stand behind the object that the data begins with: false for almost all, and quickly.</summary>
    public static bool MayHoldMore(ReadOnlySpan<byte> data)
    {
        if (data[0] != (byte)'{') return false;
        while (data.IndexOf((byte)'}') is >= 0 and var at)
        {
            data = data[(at + 1)..].TrimStart(Blanks);
            if (data.IsEmpty) return false;
            if (data[0] is not ((byte)'}' or (byte)']' or (byte)',')) return true; // or it is a text that has such a brace
            if (data[0] == (byte)',' && data[1..].TrimStart(Blanks) is [] or [(byte)'{', ..]) return true; // or an element of a list
        }
        return true;
    }

    /// <summary>The object that the data begins with. Some lose the line break between two events, or put a comma there.</summary>
    /// <param name="data">Of an event.</param>
    /// <param name="rest">What stands behind it: nothing, another object, the mark that ends a stream.</param>
    /// <exception cref="UpstreamException">It is something else.</exception>
    public static RawJson First(RawJson data, out ReadOnlyMemory<byte> rest)
    {
        rest = default;
        if (!data.IsObject) return data; // whoever reads it says so
        RawJson first;
        try
        {
            var cursor = new JsonCursor(data.Utf8, ProtocolLimits.Peer);
            cursor.Read();
            first = cursor.Raw();
            rest = data.Utf8[cursor.End..].TrimStart(" \t\r\n,"u8);
        }
        catch (System.Text.Json.JsonException)
        {
            return data; // likewise
        }
        while (rest.Span.StartsWith("data:"u8)) rest = rest["data:".Length..].TrimStart(Blanks);
        if (rest.IsEmpty || rest.Span[0] == (byte)'{' || IsEnd(rest.Span)) return first;
        throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream sent more than a JSON object in one event."));
    }

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    public static RawJson Trimmed(ReadOnlyMemory<byte> data) => new(data.Trim(" \t"u8));

    public static bool IsJson(ReadOnlySpan<byte> line) => line.TrimStart(" \t"u8) is [(byte)'{' or (byte)'[', ..];

    /// <summary>Whether the line has what opens an object or array, and nothing more.</summary>
    public static bool IsOpening(ReadOnlySpan<byte> line) => line.Trim("{[ \t"u8).IsEmpty;

    /// <summary>Cuts off the mark that stands in the last line of a text of JSON; false where there is none.</summary>
    public static bool TryCutEnd(ref ReadOnlyMemory<byte> text)
    {
        var trimmed = text.TrimEnd(" \t\r\n"u8);
        var line = trimmed[(trimmed.Span.LastIndexOfAny((byte)'\n', (byte)'\r') + 1)..];
        var mark = line.Span.TrimStart(" \t"u8);
        if (mark.StartsWith("data:"u8)) mark = mark["data:".Length..].TrimStart(" \t"u8);
        if (!IsEnd(mark)) return false;
        text = trimmed[..^line.Length];
        return true;
    }

    /// <summary>Whether it is one JSON object or array, to its end.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => IsJson(text) && RawValues.IsObjectOrArray(NotNumbers.AsNull(text));

    /// <summary>The values of a text of JSON: one, many in a row, or the elements of an array.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    public static void Split(ReadOnlyMemory<byte> text, DestinationKind kind, Queue<RawJson> values)
    {
        foreach (var value in RawValues.In(NotNumbers.AsNull(text)))
        {
            if (value.Utf8.Span[0] != (byte)'[') Add(value, kind, values);
            else foreach (var element in value.Elements()) Add(element, kind, values);
        }
    }

    private static void Add(RawJson value, DestinationKind kind, Queue<RawJson> values)
    {
        foreach (var reported in WholeAnswer.Events(value, kind)) values.Enqueue(reported);
    }
}
