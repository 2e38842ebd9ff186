using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Makes one schema of two that must both hold.</summary>
/// <param name="work">Counts what merging costs.</param>
/// <param name="isLoose">Whether of two demands that no rule can join the first is held, and the other one is left out.</param>
internal sealed class SchemaMerge(GrammarWork work, bool isLoose)
{
    public Schema Of(Schema a, Schema b)
    {
        work.Take(1L + a.Properties.Count + b.Properties.Count + a.Required.Count + b.Required.Count + a.AllOf.Count + b.AllOf.Count);
        if (a.AnyOf.Count > 0 && b.AnyOf.Count > 0 && !isLoose)
            throw SchemaFaultException.Unsupported(b.Path, "anyOf beside another anyOf");
        return new Schema
        {
            Path = b.Path,
            Kinds = a.Kinds & b.Kinds,
            Values = a.Values is null || b.Values is null ? a.Values ?? b.Values : Shared(a.Values, b.Values, work),
            Properties = Properties(a, b),
            Required = [.. a.Required.Union(b.Required, StringComparer.Ordinal)],
            Additional = Either(a.Additional, b.Additional),
            PrefixItems = Prefix(a, b),
            Items = Either(a.Items, b.Items),
            ItemsMin = Math.Max(a.ItemsMin, b.ItemsMin),
            ItemsMax = Least(a.ItemsMax, b.ItemsMax),
            LengthMin = Math.Max(a.LengthMin, b.LengthMin),
            LengthMax = Least(a.LengthMax, b.LengthMax),
            Pattern = Same(a.Pattern, b.Pattern, b.Path, "pattern"),
            Format = Same(a.Format, b.Format, b.Path, "format"),
            Lowest = a.Lowest is { } lowest ? Higher(b.Lowest, lowest) : b.Lowest,
            Highest = a.Highest is { } highest ? Lower(b.Highest, highest) : b.Highest,
            Places = Least(a.Places, b.Places),
            AnyOf = a.AnyOf.Count > 0 ? a.AnyOf : b.AnyOf,
            AllOf = [.. a.AllOf, .. b.AllOf],
            Reference = Same(a.Reference, b.Reference, b.Path, "$ref"),
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
    private OrderedDictionary<string, Schema> Properties(Schema a, Schema b)
    {
        var properties = new OrderedDictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var (name, schema) in a.Properties)
            properties[name] = Either(schema, b.Properties.GetValueOrDefault(name) ?? b.Additional)!;
        foreach (var (name, schema) in b.Properties)
        {
            if (!a.Properties.ContainsKey(name))
                properties[name] = Either(schema, a.Additional)!;
        }
        return properties;
    }

    private Schema[] Prefix(Schema a, Schema b)
    {
        var items = new Schema[Math.Max(a.PrefixItems.Count, b.PrefixItems.Count)];
        for (var at = 0; at < items.Length; at++)
            items[at] = Either(At(a, at), At(b, at)) ?? new Schema { Path = b.Path };
        return items;

        static Schema? At(Schema schema, int at) => at < schema.PrefixItems.Count ? schema.PrefixItems[at] : schema.Items;
    }

    /// <remarks>One that need not be changed is given back as it is: by that it shows that a schema comes round to itself.</remarks>
    private Schema? Either(Schema? a, Schema? b) =>
        a is null || b is null ? a ?? b : a.IsAny ? b : b.IsAny || ReferenceEquals(a, b) ? a : Of(a, b);

    private static int? Least(int? a, int? b) => a is null || b is null ? a ?? b : Math.Min(a.Value, b.Value);

    private string? Same(string? a, string? b, string path, string keyword) =>
        a is null || b is null || isLoose || string.Equals(a, b, StringComparison.Ordinal)
            ? a ?? b
            : throw SchemaFaultException.Unsupported(path, $"{keyword} beside another {keyword}");
}
