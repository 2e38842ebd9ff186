using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>How deep a JSON text is nested.</summary>
internal static class JsonDepth
{
    /// <summary>Whether it nests deeper than these limits allow; a text that is broken before its end counts as one that does.</summary>
    public static bool IsBeyond(ReadOnlyMemory<byte> text, ProtocolLimits limits)
    {
        var utf8 = text.Span;
        // Most texts: counting is much faster than reading.
        if (utf8.Count((byte)'{') + utf8.Count((byte)'[') <= limits.DepthMax) return false;
        try
        {
            var json = new JsonCursor(text, limits);
            json.Read();
            json.Skip();
            json.ReadEnd();
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
