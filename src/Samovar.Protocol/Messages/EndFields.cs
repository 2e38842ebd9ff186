using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// What a provider of the Messages API says of an answer beside the reason for its end: why it refused, and the container in which its code
/// ran and whose id the next request needs. It goes to clients of that API as it came.
/// </summary>
internal static class EndFields
{
    private static readonly string[] Names = ["stop_details", "container"];

    /// <summary>What was said before, and what is said now in its place; empty for nothing.</summary>
    /// <param name="json">An object that may have such fields.</param>
    public static RawJson With(RawJson before, RawJson json)
    {
        var now = Of(json);
        if (now.Count == 0) return before;
        now.InsertRange(0, Of(before).Where(field => !now.Exists(other => other.Name == field.Name)));
        return new RawJson(JsonBuffer.Bytes(now, static (writer, fields) =>
        {
            writer.WriteStartObject();
            Write(writer, fields);
            writer.WriteEndObject();
        })).Mended();
    }

    /// <param name="said">The fields as they are kept; empty for none.</param>
    public static void Write(Utf8JsonWriter writer, RawJson said) => Write(writer, Of(said));

    private static void Write(Utf8JsonWriter writer, List<(string Name, RawJson Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    private static List<(string Name, RawJson Value)> Of(RawJson json) => json.Fields()
        .FindAll(static field => field.Value.IsObject && Names.Contains(field.Name, StringComparer.Ordinal));
}
