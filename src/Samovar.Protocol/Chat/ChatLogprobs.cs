using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Chat;

/// <summary>Writes a choice's <c>logprobs</c>: the entries are the same in both protocols.</summary>
internal static class ChatLogprobs
{
    /// <param name="arrays">JSON arrays of entries; null is written where they are all empty.</param>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<RawJson> arrays)
    {
        var isEmpty = true;
        foreach (var array in arrays)
            if (!array.IsEmpty && array.Utf8.Length > RawJson.EmptyArray.Utf8.Length) isEmpty = false;
        if (isEmpty)
        {
            writer.WriteNull("logprobs"u8);
            return;
        }
        writer.WriteStartObject("logprobs"u8);
        writer.WriteStartArray("content"u8);
        foreach (var array in arrays)
            foreach (var entry in array.Elements()) entry.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteNull("refusal"u8);
        writer.WriteEndObject();
    }
}
