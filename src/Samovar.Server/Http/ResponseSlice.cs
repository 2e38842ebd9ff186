using System.Diagnostics;
using System.Text.Json;

namespace Samovar.Server.Http;

/// <summary>The bytes of <c>response</c> inside an event that carries one.</summary>
internal static class ResponseSlice
{
    private const int DepthMax = 1000; // what is cut out was read before, under its own bound: an upstream's item may nest deeper

    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> eventJson) =>
        Find(eventJson, "response"u8) ?? throw new UnreachableException("A terminal event always carries its response.");

    /// <summary>The bytes of a property's value at the top of an object; null when it is not there.</summary>
    public static ReadOnlyMemory<byte>? Find(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> property)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(property);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt) return json[start..(int)reader.BytesConsumed];
        }
        return null;
    }
}
