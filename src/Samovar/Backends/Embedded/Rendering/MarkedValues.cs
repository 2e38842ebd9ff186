using System.Text.Json;
using Samovar.Protocol.Json;
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

    /// <summary>A call's arguments as an object: where they were cut off, what can be read of them.</summary>
    public static TemplateValue Arguments(string json, ControlText control) =>
        Parsed(json, control) ?? Parsed(CutObject.Close(json), control) ?? control.Mark(json); // nested deeper than a parser takes

    private static TemplateValue? Parsed(string json, ControlText control)
    {
        try
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? Read(parsed.RootElement, control) : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null; // not JSON, or a lone surrogate in it
        }
    }
}
