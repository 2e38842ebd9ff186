using System.Text.Json;

namespace Samovar.Templates.Values;

/// <summary>Turns JSON into template values, frozen.</summary>
internal static class JsonValues
{
    public static TemplateValue Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => new TemplateValue.Text(json.GetString()!),
        JsonValueKind.True => TemplateValue.Bool.True,
        JsonValueKind.False => TemplateValue.Bool.False,
        JsonValueKind.Number => ReadNumber(json),
        JsonValueKind.Array => ReadList(json),
        JsonValueKind.Object => ReadMap(json),
        _ => TemplateValue.None.Value,
    };

    private static TemplateValue ReadNumber(JsonElement json) => json.TryGetInt64(out var whole)
        ? new TemplateValue.Int(whole)
        : new TemplateValue.Float(json.GetDouble(), json.GetRawText());

    private static TemplateValue.List ReadList(JsonElement json)
    {
        var items = new List<TemplateValue>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
            items.Add(Read(item));
        return new TemplateValue.List(items, IsFrozen: true);
    }

    private static TemplateValue.Map ReadMap(JsonElement json)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal);
        foreach (var property in json.EnumerateObject())
            entries[property.Name] = Read(property.Value);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }
}
