using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Makes one schema of two that must both hold.</summary>
internal static class SchemaMerge
{
    public static Schema Of(Schema a, Schema b, GrammarWork work)
    {
        work.Take(1L + a.Properties.Count + b.Properties.Count + a.Required.Count + b.Required.Count + a.AllOf.Count + b.AllOf.Count);
        if (a.Reference is not null && b.Reference is not null)
            throw SchemaFaultException.Unsupported(b.Path, "$ref beside another $ref");
        if (a.AnyOf.Count > 0 && b.AnyOf.Count > 0)
            throw SchemaFaultException.Unsupported(b.Path, "anyOf beside another anyOf");
        return new Schema
        {
            Path = b.Path,
            Kinds = a.Kinds & b.Kinds,
            Values = a.Values is null || b.Values is null ? a.Values ?? b.Values : Shared(a.Values, b.Values, work),
            Properties = Properties(a, b, work),
            Required = [.. a.Required.Union(b.Required, StringComparer.Ordinal)],
            Additional = Either(a.Additional, b.Additional, work),
            PrefixItems = Prefix(a, b, work),
            Items = Either(a.Items, b.Items, work),
            ItemsMin = Math.Max(a.ItemsMin, b.ItemsMin),
            ItemsMax = Least(a.ItemsMax, b.ItemsMax),
            LengthMin = Math.Max(a.LengthMin, b.LengthMin),
            LengthMax = Least(a.LengthMax, b.LengthMax),
            Pattern = Same(a.Pattern, b.Pattern, b.Path, "pattern"),
            Format = Same(a.Format, b.Format, b.Path, "format"),
            Lowest = a.Lowest is { } lowest ? Higher(b.Lowest, lowest) : b.Lowest,
            Highest = a.Highest is { } highest ? Lower(b.Highest, highest) : b.Highest,
            AnyOf = a.AnyOf.Count > 0 ? a.AnyOf : b.AnyOf,
            AllOf = [.. a.AllOf, .. b.AllOf],
            Reference = a.Reference ?? b.Reference,
        };
    }

    public static NumberBound Higher(NumberBound? known, NumberBound bound) =>
        known is not { } other || bound.Value > other.Value || (bound.Value == other.Value && bound.IsExclusive) ? bound : other;

    public static NumberBound Lower(NumberBound? known, NumberBound bound) =>
        known is not { } other || bound.Value < other.Value || (bound.Value == other.Value && bound.IsExclusive) ? bound : other;

    public static IReadOnlyList<JsonElement> Shared(IReadOnlyList<JsonElement> a, IReadOnlyList<JsonElement> b, GrammarWork work)
    {
        work.Take((long)a.Count * b.Count); // each with each: numbers may be equal in many spellings
        return [.. a.Where(one => b.Any(other => JsonElement.DeepEquals(one, other)))];
    }

    /// <summary>A property that only one of both declares must also pass what the other says of undeclared ones.</summary>
    private static OrderedDictionary<string, Schema> Properties(Schema a, Schema b, GrammarWork work)
    {
        var properties = new OrderedDictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var (name, schema) in a.Properties)
            properties[name] = Either(schema, b.Properties.GetValueOrDefault(name) ?? b.Additional, work)!;
        foreach (var (name, schema) in b.Properties)
        {
            if (!a.Properties.ContainsKey(name))
                properties[name] = Either(schema, a.Additional, work)!;
        }
        return properties;
    }

    private static Schema[] Prefix(Schema a, Schema b, GrammarWork work)
    {
        var items = new Schema[Math.Max(a.PrefixItems.Count, b.PrefixItems.Count)];
        for (var at = 0; at < items.Length; at++)
            items[at] = Either(At(a, at), At(b, at), work) ?? new Schema { Path = b.Path };
        return items;

        static Schema? At(Schema schema, int at) => at < schema.PrefixItems.Count ? schema.PrefixItems[at] : schema.Items;
    }

    private static Schema? Either(Schema? a, Schema? b, GrammarWork work) =>
        a is null || b is null ? a ?? b : a.IsAny ? b : b.IsAny ? a : Of(a, b, work);

    private static int? Least(int? a, int? b) => a is null || b is null ? a ?? b : Math.Min(a.Value, b.Value);

    private static string? Same(string? a, string? b, string path, string keyword) =>
        a is null || b is null || string.Equals(a, b, StringComparison.Ordinal)
            ? a ?? b
            : throw SchemaFaultException.Unsupported(path, $"{keyword} beside another {keyword}");
}
