using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>Finds fields of a JSON object as slices of its UTF-8, without building a document.</summary>
internal static class RawFields
{
    /// <summary>The named field's value; empty where there is none or the text is no object.</summary>
    public static RawJson Field(this RawJson json, ReadOnlySpan<byte> name)
    {
        if (json.IsEmpty) return default;
        var reader = new Utf8JsonReader(json.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isWanted) return new RawJson(json.Utf8[start..(int)reader.BytesConsumed]);
        }
        return default;
    }

    /// <summary>A field that is a string; null where it is absent or something else.</summary>
    public static string? Text(this RawJson json, ReadOnlySpan<byte> name) => json.Field(name).AsText();

    public static int? Number(this RawJson json, ReadOnlySpan<byte> name)
    {
        var field = json.Field(name);
        if (field.IsEmpty) return null;
        var reader = new Utf8JsonReader(field.Utf8.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
    }

    /// <summary>The value as a string; null where it is something else.</summary>
    public static string? AsText(this RawJson json)
    {
        if (json.IsEmpty) return null;
        var reader = new Utf8JsonReader(json.Utf8.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? JsonText.Read(ref reader) : null;
    }

    /// <summary>The fields of an object in their order; none where the value is something else.</summary>
    public static List<(string Name, RawJson Value)> Fields(this RawJson json)
    {
        var fields = new List<(string, RawJson)>();
        if (json.IsEmpty) return fields;
        var reader = new Utf8JsonReader(json.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return fields;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Read(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            fields.Add((name, new RawJson(json.Utf8[start..(int)reader.BytesConsumed])));
        }
        return fields;
    }

    /// <summary>The elements of an array; none where the value is something else.</summary>
    public static List<RawJson> Elements(this RawJson json)
    {
        var elements = new List<RawJson>();
        if (json.IsEmpty) return elements;
        var reader = new Utf8JsonReader(json.Utf8.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return elements;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            elements.Add(new RawJson(json.Utf8[start..(int)reader.BytesConsumed]));
        }
        return elements;
    }

    /// <summary>Whether there is a value, and it is not <c>null</c>.</summary>
    public static bool IsSet(this RawJson json) => !json.IsEmpty && !json.Utf8.Span.SequenceEqual("null"u8);

    /// <summary>The value in bytes of its own, to outlive the buffer it was read from.</summary>
    public static RawJson Copied(this RawJson json) => new(json.Utf8.ToArray());
}
