using System.Globalization;
using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Finds what a document's schemas call themselves: by <c>$id</c>, as a whole and by its last segment, and by anchors.</summary>
/// <param name="work">Counts what it costs.</param>
internal sealed class SchemaNames(GrammarWork work)
{
    private readonly Dictionary<string, string> _named = new(StringComparer.Ordinal);

    /// <summary>The pointers by the references that name them; an empty one where several schemas have the name.</summary>
    public Dictionary<string, string> Of(JsonElement root)
    {
        Find(root, "#", areNames: false);
        return _named;
    }

    /// <param name="json">A part of the document.</param>
    /// <param name="pointer">Where it is.</param>
    /// <param name="areNames">Whether the names in it are its author's, not keywords.</param>
    private void Find(JsonElement json, string pointer, bool areNames)
    {
        work.Take(1 + pointer.Length);
        if (json.ValueKind == JsonValueKind.Array)
        {
            var at = 0;
            foreach (var item in json.EnumerateArray())
                Find(item, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{at++}"), areNames: false);
        }
        if (json.ValueKind != JsonValueKind.Object) return;
        foreach (var property in json.EnumerateObject())
        {
            if (!areNames) Note(property, pointer);
            if (!areNames && property.Name is "enum" or "const" or "default" or "examples") continue;
            var holdsNames = !areNames && property.Name is "properties" or "$defs" or "definitions" or "patternProperties";
            Find(property.Value, pointer + "/" + Escape(property.Name), holdsNames);
        }
    }

    private void Note(JsonProperty keyword, string pointer)
    {
        if (keyword.Value.ValueKind != JsonValueKind.String) return;
        var text = keyword.Value.GetString()!;
        switch (keyword.Name)
        {
            case "$anchor" or "$dynamicAnchor": Add("#" + text, pointer); break;
            case "$id":
                var id = text.TrimEnd('#');
                Add(id, pointer);
                Add(id[(id.LastIndexOf('/') + 1)..], pointer);
                break;
        }
    }

    private void Add(string name, string pointer)
    {
        if (name.Length > 0 && !_named.TryAdd(name, pointer) && _named[name] != pointer) _named[name] = "";
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal)
        .Replace("/", "~1", StringComparison.Ordinal).Replace("%", "%25", StringComparison.Ordinal);
}
