using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Fields of a JSON Schema that a template reads without asking whether they are there.</summary>
[Flags]
internal enum SchemaFields
{
    None = 0, Description = 1, Type = 2, Properties = 4, Required = 8, AdditionalProperties = 16, Items = 32,
}

/// <summary>Gives schemas the fields that a template needs, empty.</summary>
/// <param name="needed">Those fields.</param>
internal sealed class SchemaFilling(SchemaFields needed)
{
    private static readonly TemplateValue Nothing = TemplateValue.Map.Of();

    /// <summary>A template's <c>tools</c>.</summary>
    public TemplateValue Fill(TemplateValue tools) => needed == SchemaFields.None || tools is not TemplateValue.List list ? tools
        : new TemplateValue.List([.. list.Items.Select(Tool)], IsFrozen: true);

    private TemplateValue Tool(TemplateValue tool) => Within(tool, "function", function => Within(function, "parameters", Root));

    private static TemplateValue Within(TemplateValue value, string name, Func<TemplateValue, TemplateValue> change)
    {
        if (value is not TemplateValue.Map map || !map.Entries.TryGetValue(Key(name), out var inner)) return value;
        var entries = MapEntries.From(map.Entries);
        entries[Key(name)] = change(inner);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }

    private TemplateValue Root(TemplateValue schema) => Filled(schema, isParameter: false);

    private TemplateValue Filled(TemplateValue schema, bool isParameter)
    {
        if (schema is not TemplateValue.Map map) return schema;
        var entries = MapEntries.From(map.Entries);
        Change(entries, "properties", all => all is not TemplateValue.Map named ? all
            : new TemplateValue.Map(Parameters(named.Entries), IsFrozen: true));
        Change(entries, "items", inner => Filled(inner, isParameter: false));
        Change(entries, "additionalProperties", inner => Filled(inner, isParameter: false));
        var type = (entries.GetValueOrDefault(Key("type")) as TemplateValue.Text)?.Value;
        if (isParameter) Add(entries, SchemaFields.Description, "description", "");
        Add(entries, SchemaFields.Type, "type", "");
        if (type == "array") Add(entries, SchemaFields.Items, "items", Nothing);
        if (type != "object") return new TemplateValue.Map(entries, IsFrozen: true);
        Add(entries, SchemaFields.Properties, "properties", Nothing);
        Add(entries, SchemaFields.Required, "required", new TemplateValue.List([], IsFrozen: true));
        Add(entries, SchemaFields.AdditionalProperties, "additionalProperties", Nothing);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }

    private MapEntries Parameters(MapEntries named)
    {
        var filled = new MapEntries(named.Count);
        foreach (var (name, schema) in named) filled[name] = Filled(schema, isParameter: true);
        return filled;
    }

    private static void Change(MapEntries entries, string name, Func<TemplateValue, TemplateValue> change)
    {
        if (entries.TryGetValue(Key(name), out var value)) entries[Key(name)] = change(value);
    }

    private void Add(MapEntries entries, SchemaFields field, string name, TemplateValue empty)
    {
        if (needed.HasFlag(field)) entries.TryAdd(Key(name), empty);
    }

    private static TemplateValue.Text Key(string name) => new(name);
}
