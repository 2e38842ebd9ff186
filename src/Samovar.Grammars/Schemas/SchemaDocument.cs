using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>One schema document, in which references are looked up.</summary>
internal sealed class SchemaDocument(JsonElement root, string param, GrammarRules rules)
{
    private readonly Dictionary<string, Schema> _read = new(StringComparer.Ordinal);

    public Schema Root => Resolve("#", param);

    /// <summary>What a pointer such as <c>#/$defs/node</c> names.</summary>
    public Schema Resolve(string reference, string path)
    {
        if (_read.TryGetValue(reference, out var known))
            return known;
        if (reference is not ['#', ..] || (reference.Length > 1 && reference[1] != '/'))
            throw SchemaFaultException.Unsupported(path, $"$ref '{SchemaPath.Cut(reference)}'");
        var found = root;
        rules.Work.Take(reference.Length);
        foreach (var part in reference.Split('/').Skip(1))
            found = Step(found, Unescape(part))
                ?? throw SchemaFaultException.Invalid(path, $"The reference '{SchemaPath.Cut(reference)}' leads nowhere.");
        return _read[reference] = new SchemaReader(rules.Limits.DepthMax, rules.Work).Read(found, param + SchemaPath.Cut(reference[1..]));
    }

    private static string Unescape(string part) => Uri.UnescapeDataString(part)
        .Replace("~1", "/", StringComparison.Ordinal)
        .Replace("~0", "~", StringComparison.Ordinal);

    private static JsonElement? Step(JsonElement from, string name) => from.ValueKind switch
    {
        JsonValueKind.Object when from.TryGetProperty(name, out var value) => value,
        JsonValueKind.Array when int.TryParse(name, out var index) && index >= 0 && index < from.GetArrayLength() => from[index],
        _ => null,
    };
}
