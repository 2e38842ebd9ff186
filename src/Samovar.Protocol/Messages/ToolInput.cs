using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>A call's arguments, which are free text in a create request, as the object that the Messages API wants.</summary>
internal static class ToolInput
{
    public static RawJson Of(string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return RawJson.Of(arguments);
        }
        catch (JsonException)
        {
            // told as a string below
        }
        return new RawJson(JsonBuffer.Bytes(arguments, static (writer, arguments) =>
        {
            writer.WriteStartObject();
            writer.WriteString("arguments"u8, arguments);
            writer.WriteEndObject();
        }));
    }
}
