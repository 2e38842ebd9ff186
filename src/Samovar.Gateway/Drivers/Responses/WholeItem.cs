using System.Text.Json;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>An upstream's final item: byte for byte, unless it lacks what clients need or changed its id on the way.</summary>
internal static class WholeItem
{
    public static RawJson Complete(RawJson item, string id)
    {
        var needsStatus = item.Text("type"u8) is "message" or "function_call" && !item.Field("status"u8).IsSet();
        return item.Text("id"u8) == id && !needsStatus ? item.Copied() : Rewritten(item, id, needsStatus);
    }

    private static RawJson Rewritten(RawJson item, string id, bool needsStatus) => JsonBytes.Write(writer =>
    {
        using var document = JsonDocument.Parse(item.Utf8);
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        foreach (var field in document.RootElement.EnumerateObject())
            if (!field.NameEquals("id"u8) && !(needsStatus && field.NameEquals("status"u8))) field.WriteTo(writer);
        if (needsStatus) writer.WriteString("status"u8, "completed"u8);
        writer.WriteEndObject();
    });
}
