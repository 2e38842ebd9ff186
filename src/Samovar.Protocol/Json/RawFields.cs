using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>Finds fields of a JSON object as slices of its UTF-8, without building a document.</summary>
/// <remarks>What is no JSON, or nests deeper than a peer's text may, comes out as <see cref="JsonException"/>.</remarks>
internal static class RawFields
{
    /// <summary>The named field's value; empty where there is none or the text is no object.</summary>
    public static RawJson Field(this RawJson json, ReadOnlySpan<byte> name) => Find(json, name, ProtocolLimits.Peer);

    /// <summary>The same in a text that was written here: it may nest deeper than what it was made from.</summary>
    public static RawJson OwnField(this RawJson json, ReadOnlySpan<byte> name) => Find(json, name, ProtocolLimits.None);

    /// <summary>A field that is a string; null where it is absent or something else.</summary>
    public static string? Text(this RawJson json, ReadOnlySpan<byte> name) => json.Field(name).AsText();

    public static int? Number(this RawJson json, ReadOnlySpan<byte> name)
    {
        var field = json.Field(name);
        if (field.IsEmpty) return null;
        var value = Start(field, ProtocolLimits.Peer);
        return value.Token == JsonTokenType.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
    }

    /// <summary>The value as a string; null where it is something else.</summary>
    public static string? AsText(this RawJson json)
    {
        if (json.IsEmpty) return null;
        var value = Start(json, ProtocolLimits.Peer);
        return value.Token == JsonTokenType.String ? value.Text : null;
    }

    /// <summary>The elements of an array; none where the value is something else.</summary>
    public static List<RawJson> Elements(this RawJson json)
    {
        var elements = new List<RawJson>();
        if (json.IsEmpty) return elements;
        var array = Start(json, ProtocolLimits.Peer);
        if (array.Token != JsonTokenType.StartArray) return elements;
        while (array.NextElement()) elements.Add(array.Raw());
        return elements;
    }

    /// <summary>Writes an object's fields, values as they stand, but for those of the names given.</summary>
    public static void WriteFields(this RawJson json, Utf8JsonWriter writer, params ReadOnlySpan<string> passedOver)
    {
        var fields = Start(json, ProtocolLimits.None);
        while (fields.NextField())
        {
            var name = fields.Text;
            fields.Read();
            var value = fields.Raw();
            if (passedOver.Contains(name)) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    /// <summary>The same without white space between tokens: what a prompt says must not depend on how a client lays its JSON
    /// out.</summary>
    public static void WriteCompactFields(this RawJson json, Utf8JsonWriter writer, params ReadOnlySpan<string> passedOver)
    {
        var fields = Start(json, ProtocolLimits.None);
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

    private static JsonCursor Start(RawJson json, ProtocolLimits limits)
    {
        var cursor = new JsonCursor(json.Utf8, limits);
        cursor.Read();
        return cursor;
    }

    private static RawJson Find(RawJson json, ReadOnlySpan<byte> name, ProtocolLimits limits)
    {
        if (json.IsEmpty) return default;
        var cursor = Start(json, limits);
        if (cursor.Token != JsonTokenType.StartObject) return default;
        while (cursor.NextField())
        {
            var isWanted = cursor.Name.SequenceEqual(name);
            cursor.Read();
            if (isWanted) return cursor.Raw();
            cursor.Skip();
        }
        return default;
    }
}
