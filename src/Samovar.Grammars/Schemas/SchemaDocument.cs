using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>One schema document, in which references are looked up.</summary>
/// <param name="root">The document.</param>
/// <param name="param">The request's parameter it came with.</param>
/// <param name="rules">The grammar that is written.</param>
/// <param name="isLoose">Whether what a grammar cannot hold is left free, instead of being refused.</param>
internal sealed class SchemaDocument(JsonElement root, string param, GrammarRules rules, bool isLoose = false)
{
    private readonly Dictionary<string, Schema> _read = new(StringComparer.Ordinal);

    public bool IsLoose => isLoose;

    public Schema Root => Resolve("#", param);

    /// <summary>What a pointer such as <c>#/$defs/node</c> names.</summary>
    public Schema Resolve(string reference, string path)
    {
        if (_read.TryGetValue(reference, out var known))
            return known;
        if (reference is not ['#', ..] || (reference.Length > 1 && reference[1] != '/'))
            return isLoose ? new Schema { Path = path }
                : throw SchemaFaultException.Unsupported(path, $"$ref '{SchemaPath.Cut(reference)}'");
        var found = root;
        rules.Work.Take(reference.Length);
        foreach (var part in reference.Split('/').Skip(1))
            found = Step(found, Unescape(part))
                ?? throw SchemaFaultException.Invalid(path, $"The reference '{SchemaPath.Cut(reference)}' leads nowhere.");
        var reader = new SchemaReader(rules.Limits.DepthMax, rules.Work, isLoose);
        return _read[reference] = reader.Read(found, param + SchemaPath.Cut(reference[1..]));
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
