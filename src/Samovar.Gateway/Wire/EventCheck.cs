using System.Text.Json;
using System.Text.Unicode;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire;

/// <summary>What every event of an upstream must be before anybody reads it, wherever in it the reader looks.</summary>
internal static class EventCheck
{
    private const int LevelsMax = 64; // as a request may have

    /// <summary>The event, if it is UTF-8, nested no deeper than a client could send it back, and no JSON but an object.</summary>
    /// <exception cref="UpstreamException">It is not.</exception>
    public static RawJson Checked(ReadOnlyMemory<byte> data)
    {
        var text = data.Span;
        if (!Utf8.IsValid(text)) throw Malformed("what is no UTF-8");
        if (IsOtherValue(text.TrimStart(" \t\r\n"u8))) throw Malformed("JSON that is no object");
        if (text.Count((byte)'{') + text.Count((byte)'[') > LevelsMax && IsTooDeep(text)) throw Malformed("JSON that is nested too deep");
        return new RawJson(data);
    }

    private static bool IsOtherValue(ReadOnlySpan<byte> text) =>
        text is [(byte)'"' or (byte)'[' or (byte)'-' or >= (byte)'0' and <= (byte)'9', ..]
        || text.StartsWith("null"u8) || text.StartsWith("true"u8) || text.StartsWith("false"u8);

    private static bool IsTooDeep(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = LevelsMax + 1 });
        try
        {
            while (reader.Read())
                if (reader.CurrentDepth >= LevelsMax) return true;
            return false;
        }
        catch (JsonException)
        {
            return true; // or broken, which is no better
        }
    }

    private static UpstreamException Malformed(string what) => new(new UpstreamFault(FaultKind.Malformed, $"The upstream sent {what}."));
}
