#pragma warning disable RS0030 // a part of the one reader, without a cursor's path: it is asked several times for each event
using System.Text;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>Finds fields of a JSON object as slices of its UTF-8, without building a document.</summary>
/// <remarks>What is not JSON, or nests deeper than a peer's text may, comes out as <see cref="JsonException"/>.</remarks>
internal static class RawFields
{
    private static readonly JsonReaderOptions OfPeer = new() { MaxDepth = ProtocolLimits.Peer.DepthMax };
    private static readonly JsonReaderOptions Own = new() { MaxDepth = int.MaxValue };

    /// <summary>The named field's value; empty if absent or the text is not an object.</summary>
    public static RawJson Field(this RawJson json, ReadOnlySpan<byte> name) => Find(json, name, OfPeer);

    /// <summary>The same in a text that was written here: it may nest deeper than what it was made from.</summary>
    public static RawJson OwnField(this RawJson json, ReadOnlySpan<byte> name) => Find(json, name, Own);

    /// <summary>A field that is a string; null where it is absent or something else.</summary>
    public static string? Text(this RawJson json, ReadOnlySpan<byte> name) => json.Field(name).AsText();

    /// <summary>A field that is a number; null where it is absent or something else.</summary>
    public static int? Number(this RawJson json, ReadOnlySpan<byte> name) => json.Field(name).AsNumber();

    /// <summary>The value as a whole number; null where it is something else.</summary>
    public static int? AsNumber(this RawJson field)
    {
        if (field.IsEmpty) return null;
        if (field.Utf8.Span is [>= (byte)'0' and <= (byte)'9' and var digit]) return digit - '0'; // most places
        var reader = new Utf8JsonReader(field.Utf8.Span, OfPeer);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
    }

    /// <summary>The value as a string; null where it is something else.</summary>
    public static string? AsText(this RawJson json)
    {
        if (json.IsEmpty) return null;
        var reader = new Utf8JsonReader(json.Utf8.Span, OfPeer);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? JsonText.Read(ref reader) : null;
    }

    /// <summary>The value as a piece of a text, which may begin or end inside a character; null where it is something else.</summary>
    public static string? AsPiece(this RawJson json)
    {
        if (json.IsEmpty) return null;
        var reader = new Utf8JsonReader(json.Utf8.Span, OfPeer);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? JsonText.ReadPiece(ref reader) : null;
    }

    /// <summary>A field that is a piece of a text; null where it is absent or something else.</summary>
    public static string? Piece(this RawJson json, ReadOnlySpan<byte> name) => json.Field(name).AsPiece();

    /// <summary>Whether the value is this string.</summary>
    public static bool Is(this RawJson json, ReadOnlySpan<byte> text)
    {
        if (json.Utf8.Span is not [(byte)'"', .. var written, (byte)'"'] || written.Contains((byte)'\\'))
            return json.AsText() is { } other && Encoding.UTF8.GetBytes(other).AsSpan().SequenceEqual(text);
        return written.SequenceEqual(text);
    }

    /// <inheritdoc cref="Is(RawJson, ReadOnlySpan{byte})"/>
    public static bool Is(this RawJson json, string? text)
    {
        if (text is null) return false;
        if (json.Utf8.Span is [(byte)'"', .. var written, (byte)'"'] && Ascii.IsValid(text) && !written.Contains((byte)'\\'))
            return Ascii.Equals(written, text);
        return json.AsText() == text;
    }

    /// <summary>Whether the value is a string that says something.</summary>
    public static bool HasText(this RawJson json) => json.Utf8.Span is [(byte)'"', _, .., (byte)'"'];

    /// <summary>The fields of an object in their order; none where the value is something else.</summary>
    public static List<(string Name, RawJson Value)> Fields(this RawJson json) => FieldsOf(json, OfPeer);

    /// <summary>The same of a text that was written here.</summary>
    public static List<(string Name, RawJson Value)> OwnFields(this RawJson json) => FieldsOf(json, Own);

    private static List<(string Name, RawJson Value)> FieldsOf(RawJson json, JsonReaderOptions options)
    {
        var fields = new List<(string, RawJson)>();
        if (json.IsEmpty) return fields;
        var reader = new Utf8JsonReader(json.Utf8.Span, options);
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
        var elements = new List<RawJson>(1); // mostly
        if (json.IsEmpty) return elements;
        var reader = new Utf8JsonReader(json.Utf8.Span, OfPeer);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return elements;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) elements.Add(Value(ref reader, json));
        return elements;
    }

    /// <summary>Writes an object's fields, values as they stand, but for those of the names given.</summary>
    public static void WriteFields(this RawJson json, Utf8JsonWriter writer, params ReadOnlySpan<string> passedOver)
    {
        var reader = new Utf8JsonReader(json.Utf8.Span, Own);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Read(ref reader);
            reader.Read();
            var value = Value(ref reader, json);
            if (passedOver.Contains(name)) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    /// <summary>The same without white space between tokens: what a prompt says must not depend on how a client lays its JSON
    /// out.</summary>
    public static void WriteCompactFields(this RawJson json, Utf8JsonWriter writer, params ReadOnlySpan<string> passedOver)
    {
        var fields = new JsonCursor(json.Utf8, ProtocolLimits.None);
        fields.Read();
        while (fields.NextField())
        {
            var name = fields.Text;
            fields.Read();
            if (passedOver.Contains(name))
            {
                fields.Skip();
                continue;
            }
            writer.WritePropertyName(name);
            fields.WriteCompact(writer);
        }
    }

    /// <summary>Whether there is a value, and it is not <c>null</c>.</summary>
    public static bool IsSet(this RawJson json) => !json.IsEmpty && !json.IsNull;

    /// <summary>The value in bytes of its own, to outlive the buffer it was read from.</summary>
    public static RawJson Copied(this RawJson json) => new(json.Utf8.ToArray());

    private static RawJson Find(RawJson json, ReadOnlySpan<byte> name, JsonReaderOptions options)
    {
        if (json.IsEmpty) return default;
        var reader = new Utf8JsonReader(json.Utf8.Span, options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueIsEscaped
                ? Encoding.UTF8.GetBytes(JsonText.Read(ref reader)).AsSpan().SequenceEqual(name)
                : reader.ValueSpan.SequenceEqual(name);
            reader.Read();
            if (isWanted) return Value(ref reader, json);
            reader.Skip();
        }
        return default;
    }

    /// <summary>The value whose first token the reader is on; it ends on its last.</summary>
    private static RawJson Value(ref Utf8JsonReader reader, RawJson json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(json.Utf8[start..(int)reader.BytesConsumed]);
    }
}
