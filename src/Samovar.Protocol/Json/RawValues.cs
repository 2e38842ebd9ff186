#pragma warning disable RS0030 // a part of the one reader: texts of which nobody knows yet whether they are JSON
using System.Text;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>Finds whole JSON values in texts that may hold something else, or more than one.</summary>
internal static class RawValues
{
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };
    private static readonly JsonReaderOptions ManyValues = new() { MaxDepth = int.MaxValue, AllowMultipleValues = true };

    /// <summary>The first element of an array; empty if the array is empty or the value is something else.</summary>
    public static RawJson First(this RawJson json)
    {
        if (json.IsEmpty) return default;
        var reader = new Utf8JsonReader(json.Utf8.Span, AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return default;
        return reader.Read() && reader.TokenType != JsonTokenType.EndArray ? Value(ref reader, json.Utf8) : default;
    }

    /// <summary>The elements of an array; an object by itself, where a list of one was meant.</summary>
    public static IReadOnlyList<RawJson> ElementsOrSelf(this RawJson json) => json.IsEmpty ? []
        : json.Utf8.Span[0] == (byte)'{' ? [json] : Elements(json);

    /// <summary>Whether the text is one JSON object, to its end.</summary>
    public static bool IsObject(string text) => IsOne(Encoding.UTF8.GetBytes(text), static token => token == JsonTokenType.StartObject);

    /// <summary>Whether the text is one JSON object or array, to its end.</summary>
    public static bool IsObjectOrArray(ReadOnlySpan<byte> utf8) =>
        IsOne(utf8, static token => token is JsonTokenType.StartObject or JsonTokenType.StartArray);

    /// <summary>The values of a text, one behind the other.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static List<RawJson> In(ReadOnlyMemory<byte> utf8)
    {
        var values = new List<RawJson>();
        var reader = new Utf8JsonReader(utf8.Span, ManyValues);
        while (reader.Read()) values.Add(Value(ref reader, utf8));
        return values;
    }

    private static List<RawJson> Elements(RawJson json)
    {
        var elements = new List<RawJson>();
        var reader = new Utf8JsonReader(json.Utf8.Span, AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return elements;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) elements.Add(Value(ref reader, json.Utf8));
        return elements;
    }

    private static bool IsOne(ReadOnlySpan<byte> utf8, Func<JsonTokenType, bool> isWanted)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, AnyDepth);
            if (!reader.Read() || !isWanted(reader.TokenType)) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static RawJson Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(utf8[start..(int)reader.BytesConsumed]);
    }
}
