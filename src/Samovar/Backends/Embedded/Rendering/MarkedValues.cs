using System.Text.Json;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>JSON from outside as template values whose texts, keys included, cannot spell a control token.</summary>
internal static class MarkedValues
{
    public static TemplateValue Read(JsonElement json, ControlText control)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                return control.Mark(json.GetString()!);
            case JsonValueKind.Array:
                var items = new List<TemplateValue>(json.GetArrayLength());
                foreach (var item in json.EnumerateArray()) items.Add(Read(item, control));
                return new TemplateValue.List(items, IsFrozen: true);
            case JsonValueKind.Object:
                var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal);
                foreach (var property in json.EnumerateObject()) entries[control.Mark(property.Name)] = Read(property.Value, control);
                return new TemplateValue.Map(entries, IsFrozen: true);
            default:
                return TemplateValue.FromJson(json);
        }
    }

    /// <summary>A call's arguments: parsed where they are an object, else the text as it is.</summary>
    public static TemplateValue Arguments(string json, ControlText control)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? Read(parsed.RootElement, control) : control.Mark(json);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return control.Mark(json); // not JSON, or a lone surrogate in it
        }
    }
}
