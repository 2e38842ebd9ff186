using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Writes an item once more with its parts in another form, all else as it stands.</summary>
internal static class PartRewrite
{
    /// <param name="list">The item's field that has the parts.</param>
    /// <param name="write">Writes a part.</param>
    public static RawJson Of(RawJson item, string list, Action<Utf8JsonWriter, RawJson> write) =>
        new(JsonBuffer.Bytes((item, list, write), static (writer, it) =>
            WriteWith(writer, it.item, it.list, (to, parts) => WriteList(to, parts, it.write))));

    /// <summary>An object, with one field that is an array in another form.</summary>
    public static void WriteWith(Utf8JsonWriter writer, RawJson json, string field, Action<Utf8JsonWriter, RawJson> write)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in json.OwnFields())
        {
            writer.WritePropertyName(name);
            if (name == field && value.IsArray) write(writer, value);
            else value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    /// <param name="write">Writes an element, or nothing in its place.</param>
    public static void WriteList(Utf8JsonWriter writer, RawJson list, Action<Utf8JsonWriter, RawJson> write)
    {
        writer.WriteStartArray();
        foreach (var element in list.ElementsOrSelf()) write(writer, element);
        writer.WriteEndArray();
    }
}
