using System.Text;
using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Testing.Backends;

/// <summary>Arguments that fit a JSON Schema, as far as the scripted model needs them.</summary>
internal static class Samples
{
    public static string Arguments(RawJson schema, int k)
    {
        if (schema.IsEmpty) return "{}";
        using var document = JsonDocument.Parse(schema.Utf8);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, document.RootElement, k);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, JsonElement schema, int k)
    {
        if (schema.TryGetProperty("enum", out var choices) && choices.GetArrayLength() > 0)
        {
            choices[0].WriteTo(json);
            return;
        }
        switch (TypeOf(schema))
        {
            case "object": WriteObject(json, schema, k); break;
            case "array": json.WriteStartArray(); json.WriteEndArray(); break;
            case "integer" or "number": json.WriteNumberValue(k); break;
            case "boolean": json.WriteBooleanValue(true); break;
            default: json.WriteStringValue($"step-{k}"); break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, JsonElement schema, int k)
    {
        json.WriteStartObject();
        if (schema.TryGetProperty("properties", out var properties) && schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Select(name => name.GetString()!))
                if (properties.TryGetProperty(name, out var property))
                {
                    json.WritePropertyName(name);
                    Write(json, property, k);
                }
        json.WriteEndObject();
    }

    private static string? TypeOf(JsonElement schema) =>
        !schema.TryGetProperty("type", out var type) ? null : type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.GetString();
}
