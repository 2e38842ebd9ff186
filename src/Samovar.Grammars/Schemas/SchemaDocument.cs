using System.Globalization;
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
    private Dictionary<string, string>? _named;

    public bool IsLoose => isLoose;

    public Schema Root => Resolve("#", param);

    /// <summary>What a pointer such as <c>#/$defs/node</c> names, or a name that a schema of the document has.</summary>
    public Schema Resolve(string reference, string path)
    {
        if (_read.TryGetValue(reference, out var known))
            return known;
        rules.Work.Take(reference.Length);
        if (Pointer(reference) is not { } pointer)
            return isLoose ? new Schema { Path = path }
                : throw SchemaFaultException.Unsupported(path, $"$ref '{SchemaPath.Cut(reference)}'");
        return _read[reference] = pointer == reference ? Read(pointer, path) : Resolve(pointer, path);
    }

    private Schema Read(string pointer, string path)
    {
        var found = root;
        foreach (var part in pointer.Split('/').Skip(1))
            found = Step(found, Unescape(part))
                ?? throw SchemaFaultException.Invalid(path, $"The reference '{SchemaPath.Cut(pointer)}' leads nowhere.");
        var reader = new SchemaReader(rules.Limits.DepthMax, rules.Work, isLoose);
        return reader.Read(found, param + SchemaPath.Cut(pointer[1..]));
    }

    /// <summary>The place of what is referred to; null when it is not in this document, or when several have that name.</summary>
    private string? Pointer(string reference)
    {
        if (IsPointer(reference)) return reference;
        _named ??= new SchemaNames(rules.Work).Of(root);
        if (_named.TryGetValue(reference, out var whole)) return whole.Length == 0 ? null : whole;
        var mark = reference.IndexOf('#', StringComparison.Ordinal);
        return mark > 0 && IsPointer(reference[mark..]) && _named.TryGetValue(reference[..mark], out var place) && place.Length > 0
            ? place + reference[(mark + 1)..] : null;
    }

    private static bool IsPointer(string reference) => reference is "#" or ['#', '/', ..];

    private static string Unescape(string part) => Uri.UnescapeDataString(part)
        .Replace("~1", "/", StringComparison.Ordinal)
        .Replace("~0", "~", StringComparison.Ordinal);

    private static JsonElement? Step(JsonElement from, string name) => from.ValueKind switch
    {
        JsonValueKind.Object when from.TryGetProperty(name, out var value) => value,
        JsonValueKind.Array when int.TryParse(name, CultureInfo.InvariantCulture, out var index)
            && index >= 0 && index < from.GetArrayLength() => from[index],
        _ => null,
    };
}
