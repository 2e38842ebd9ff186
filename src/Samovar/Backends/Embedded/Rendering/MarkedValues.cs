using System.Text;
using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>JSON from outside as template values whose texts, keys included, cannot spell a control token.</summary>
internal static class MarkedValues
{
    private static readonly HashSet<string> SchemaWords = new(StringComparer.Ordinal)
    {
        "type", "function", "name", "description", "parameters", "properties", "required", "items", "enum", "default", "anyOf", "oneOf",
        "allOf", "const", "format", "title", "nullable", "additionalProperties", "minimum", "maximum", "$ref", "$defs", "return", "strict",
        "string", "number", "integer", "boolean", "object", "array", "null",
    };

    /// <summary>A value that was read before, or written here.</summary>
    public static TemplateValue Read(RawJson value, ControlText control)
    {
        var json = new JsonCursor(value.Utf8, ProtocolLimits.None);
        json.Read();
        return Read(ref json, control);
    }

    /// <summary>A call's arguments as an object: where they were cut off, what can be read of them.</summary>
    public static TemplateValue Arguments(string json, ControlText control) =>
        Parsed(json, control) ?? Parsed(CutObject.Close(json), control) ?? control.Mark(json); // nested deeper than a parser takes

    private static TemplateValue? Parsed(string json, ControlText control) =>
        JsonInput.TryParse(json, out var value) && value.IsObject ? Read(value, control) : null;

    private static TemplateValue Read(ref JsonCursor json, ControlText control) => json.Token switch
    {
        JsonTokenType.String => IsWord(json.Text) ? json.Text : control.Mark(json.Text),
        JsonTokenType.Number => Number(ref json),
        JsonTokenType.True => TemplateValue.Bool.True,
        JsonTokenType.False => TemplateValue.Bool.False,
        JsonTokenType.StartArray => List(ref json, control),
        JsonTokenType.StartObject => Map(ref json, control),
        _ => TemplateValue.None.Value,
    };

    /// <summary>Templates look for these by name, and compare them: a mark would hide them.</summary>
    private static bool IsWord(string text) => SchemaWords.Contains(text);

    private static TemplateValue Number(ref JsonCursor json)
    {
        if (json.TryGetInt64(out var whole)) return new TemplateValue.Int(whole);
        json.TryGetDouble(out var number);
        return new TemplateValue.Float(number, Encoding.ASCII.GetString(json.NumberText));
    }

    private static TemplateValue.List List(ref JsonCursor json, ControlText control)
    {
        var items = new List<TemplateValue>();
        while (json.NextElement()) items.Add(Read(ref json, control));
        return new TemplateValue.List(items, IsFrozen: true);
    }

    private static TemplateValue.Map Map(ref JsonCursor json, ControlText control)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal);
        while (json.NextField())
        {
            var name = IsWord(json.Text) ? json.Text : control.Mark(json.Text);
            json.Read();
            entries[name] = Read(ref json, control);
        }
        return new TemplateValue.Map(entries, IsFrozen: true);
    }
}
