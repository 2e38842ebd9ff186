using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Echoes tools byte for byte, except that a function gets the fields it left out, as null: Open Responses wants them
/// there.</summary>
internal static class ToolEcho
{
    private static readonly string[] FieldNames = ["description", "parameters", "strict"];

    public static void Write(Utf8JsonWriter writer, ToolList tools)
    {
        if (!tools.Tools.Any(tool => tool is Tool.Function function && Lacks(function)))
        {
            tools.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartArray();
        foreach (var tool in tools.Tools)
        {
            if (tool is Tool.Function function && Lacks(function)) WriteFilled(writer, function);
            else tool.Json.WriteTo(writer);
        }
        writer.WriteEndArray();
    }

    /// <summary>May be true for a field that is there and null: then nothing is added to it.</summary>
    private static bool Lacks(Tool.Function tool) => tool.Description is null || tool.Strict is null || tool.Parameters.IsEmpty;

    private static void WriteFilled(Utf8JsonWriter writer, Tool.Function tool)
    {
        var json = new JsonCursor(tool.Json.Utf8, ProtocolLimits.None);
        writer.WriteStartObject();
        var seen = 0;
        json.Read();
        while (json.NextField())
        {
            var name = json.Text;
            if (Array.IndexOf(FieldNames, name) is >= 0 and var known) seen |= 1 << known;
            writer.WritePropertyName(name);
            json.Read();
            json.Raw().WriteTo(writer);
        }
        for (var i = 0; i < FieldNames.Length; i++)
            if ((seen & (1 << i)) == 0) writer.WriteNull(FieldNames[i]);
        writer.WriteEndObject();
    }
}
