using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Translation;

/// <summary>Lifts the fields of an inner object into the outer one: <c>{"type":"function","function":{…}}</c> becomes
/// <c>{"type":"function",…}</c>.</summary>
internal static class Unnesting
{
    /// <summary>The fields of <paramref name="inner"/> behind a tag, byte for byte.</summary>
    /// <param name="inner">One JSON object.</param>
    public static RawJson Lift(string type, RawJson inner)
    {
        var fields = inner.Utf8.Span[1..^1].Trim(" \t\r\n"u8);
        var head = Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\"");
        byte[] lifted = fields.IsEmpty ? [.. head, .. "}"u8] : [.. head, .. ","u8, .. fields, .. "}"u8];
        return new RawJson(lifted);
    }

    /// <summary>A JSON array of these values.</summary>
    public static RawJson Array(IEnumerable<RawJson> values) => new(JsonBuffer.Bytes(values, static (writer, values) =>
    {
        writer.WriteStartArray();
        foreach (var value in values) value.WriteTo(writer);
        writer.WriteEndArray();
    }));
}
