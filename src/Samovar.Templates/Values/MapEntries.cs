namespace Samovar.Templates.Values;

/// <summary>The entries of a map, by keys that are equal where Python has them equal: <c>1</c>, <c>1.0</c> and <c>true</c> are one key.</summary>
internal sealed class MapEntries(int capacity = 0) : OrderedDictionary<TemplateValue, TemplateValue>(capacity, KeyEquality.Instance)
{
    public static MapEntries From(IReadOnlyCollection<KeyValuePair<string, TemplateValue>> entries)
    {
        var map = new MapEntries(entries.Count);
        foreach (var (key, value) in entries)
            map[new TemplateValue.Text(key)] = value;
        return map;
    }

    public static MapEntries From(MapEntries entries)
    {
        var map = new MapEntries(entries.Count);
        foreach (var (key, value) in entries)
            map[key] = value;
        return map;
    }

    public TemplateValue? Find(string name) => TryGetValue(new TemplateValue.Text(name), out var value) ? value : null;
}
