using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// A call's arguments, which are free text in a create request, as the object that the Messages API wants. A call that was cut off has what
/// can be read of it, streamed and whole alike.
/// </summary>
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
            // closed below
        }
        return RawJson.Of(CutObject.Close(arguments));
    }
}
