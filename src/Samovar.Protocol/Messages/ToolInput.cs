using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>A call's arguments, which are free text in a create request, as the object that the Messages API wants.</summary>
internal static class ToolInput
{
    public static RawJson Of(string arguments)
    {
        if (JsonInput.TryParse(arguments, out var input) && input.IsObject) return input;
        return new RawJson(JsonBuffer.Bytes(arguments, static (writer, arguments) =>
        {
            writer.WriteStartObject();
            writer.WriteString("arguments"u8, arguments);
            writer.WriteEndObject();
        }));
    }
}
