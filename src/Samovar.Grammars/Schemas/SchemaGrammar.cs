using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes the rules for one schema document. What it admits is always valid; it need not be all that is valid.</summary>
internal sealed class SchemaGrammar
{
    private readonly SchemaDocument _document;
    private readonly GrammarRules _rules;
    private readonly ObjectGrammar _objects;
    private readonly ArrayGrammar _arrays;
    private readonly Dictionary<string, string> _references = new(StringComparer.Ordinal);
    private int _depth;

    public SchemaGrammar(SchemaDocument document, GrammarRules rules)
    {
        _document = document;
        _rules = rules;
        _objects = new ObjectGrammar(rules, Inner);
        _arrays = new ArrayGrammar(rules, Inner);
    }

    /// <summary>The name of the rule for the whole document.</summary>
    public string WriteRoot() => Reference("#", _document.Root.Path, []) ?? throw Nothing(_document.Root);

    /// <summary>The rule for a value of one of the document's schemas; null when none can pass.</summary>
    public string? Value(Schema schema) => Inner(schema);

    /// <summary>What a schema comes to, for those who write values in a form of their own: schemas of which one must hold, and none of
    /// which refers, joins or chooses.</summary>
    public IEnumerable<Schema> Leaves(Schema schema) => Leaves(schema, [], depth: 0);

    /// <summary>Those values of an <c>enum</c> or a <c>const</c> that the schema's type admits.</summary>
    public static IEnumerable<JsonElement> Fitting(Schema schema, IReadOnlyList<JsonElement> values) =>
        (schema with { Values = null, Kinds = JsonKinds.All, Format = null }).IsAny
            ? values.Where(value => (KindOf(value) & schema.Kinds) != 0)
            : throw SchemaFaultException.Unsupported(schema.Path, "enum or const beside other demands than a type");

    /// <summary>A property or an item: something precedes it, so that references may come round to it again.</summary>
    private string? Inner(Schema schema) => Write(schema, []);

    /// <param name="schema">What is asked for.</param>
    /// <param name="open">References followed since the last character; coming to one of them again would never end.</param>
    /// <returns>A rule's name; null when no value can pass.</returns>
    private string? Write(Schema schema, string[] open)
    {
        if (!_document.IsLoose)
            return Held(schema, open);
        var depth = _depth;
        try
        {
            return Held(schema, open);
        }
        catch (SchemaFaultException fault) when (fault.Result is GrammarResult.Unsupported)
        {
            _depth = depth;
            return Held(new Schema { Path = schema.Path, Kinds = schema.Kinds, Values = schema.Values }, open);
        }
    }

    private string? Held(Schema schema, string[] open)
    {
        _rules.Work.Take(1);
        if (++_depth > _rules.Limits.DepthMax)
            throw TooDeep(schema);
        var rule = schema switch
        {
            { IsAny: true } => _rules.Use(JsonRule.Value),
            { Reference: { } reference, IsReferenceOnly: true } => Reference(reference, schema.Path, open),
            { AllOf: [var only] } when (schema with { AllOf = [] }).IsAny => Write(only, open), // a reference may come round
            _ when Joined(schema, open) is var (joined, followed) => Write(joined, followed),
            { AnyOf.Count: > 0 } => OneOf("choice", Branches(schema).Select(branch => Write(branch, open))),
            { Values: { } values } => OneOf(schema, values),
            _ => OfKinds(schema),
        };
        _depth--;
        return rule;
    }

    private string? Reference(string reference, string path, string[] open)
    {
        if (open.Contains(reference, StringComparer.Ordinal))
            throw ComesRound(path, reference);
        if (_references.TryGetValue(reference, out var known))
            return known;
        var hint = reference.Length == 1 ? "document" : reference[(reference.LastIndexOf('/') + 1)..];
        var name = _references[reference] = _rules.Reserve(hint);
        var body = Write(_document.Resolve(reference, path), [.. open, reference]);
        if (body is null)
            throw Nothing(_document.Resolve(reference, path));
        _rules.Fill(name, body);
        return name;
    }

    private Schema Resolved(Schema schema, string[] open) => open.Contains(schema.Reference, StringComparer.Ordinal)
        ? throw ComesRound(schema.Path, schema.Reference!)
        : _document.Resolve(schema.Reference!, schema.Path);

    /// <summary>References on the way are followed, as there is nothing else to merge.</summary>
    private Schema Merged(Schema a, Schema b)
    {
        for (var steps = 0; b.Reference is { } reference; steps++)
        {
            if (steps > _rules.Limits.DepthMax)
                throw SchemaFaultException.Invalid(b.Path, "The references never come to an end.");
            b = SchemaMerge.Of(b with { Reference = null }, _document.Resolve(reference, b.Path), _rules.Work);
        }
        return SchemaMerge.Of(a, b, _rules.Work);
    }

    private IEnumerable<Schema> Leaves(Schema schema, string[] open, int depth)
    {
        _rules.Work.Take(1);
        if (depth > _rules.Limits.DepthMax) throw TooDeep(schema);
        return Joined(schema, open) is var (joined, followed) ? Leaves(joined, followed, depth + 1)
            : schema.AnyOf.Count == 0 ? [schema]
            : Branches(schema).SelectMany(branch => Leaves(branch, open, depth + 1));
    }

    /// <summary>One schema of it and of what it refers to, or of all that must hold beside it; null where there is neither.</summary>
    private (Schema Schema, string[] Open)? Joined(Schema schema, string[] open) => schema switch
    {
        { Reference: { } reference } => (Merged(schema with { Reference = null }, Resolved(schema, open)), [.. open, reference]),
        { AllOf.Count: > 0 } => (schema.AllOf.Aggregate(schema with { AllOf = [] }, Merged), open),
        _ => null,
    };

    private IEnumerable<Schema> Branches(Schema schema)
    {
        var common = schema with { AnyOf = [] };
        return schema.AnyOf.Select(branch => common.IsAny ? branch : Merged(common, branch));
    }

    private string? OneOf(Schema schema, IReadOnlyList<JsonElement> values) =>
        OneOf("enum", Fitting(schema, values).Select(value => Gbnf.Literal(CanonicalJson.Write(value))));

    private string? OfKinds(Schema schema) => OneOf("value", Alternatives(schema));

    private string? OneOf(string hint, IEnumerable<string?> alternatives)
    {
        var possible = alternatives.OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        return possible switch
        {
            [] => null,
            [var single] when !single.StartsWith('"') => single,
            _ => _rules.Define(hint, Gbnf.Choice(possible)),
        };
    }

    private IEnumerable<string?> Alternatives(Schema schema)
    {
        if (schema.Kinds.HasFlag(JsonKinds.Object))
            yield return _objects.Write(schema);
        if (schema.Kinds.HasFlag(JsonKinds.Array))
            yield return _arrays.Write(schema);
        if (schema.Kinds.HasFlag(JsonKinds.Text))
            yield return TextGrammar.Write(_rules, schema);
        if (schema.Kinds.HasFlag(JsonKinds.Number))
            yield return NumberGrammar.WriteNumber(_rules, schema);
        else if (schema.Kinds.HasFlag(JsonKinds.Integer))
            yield return NumberGrammar.WriteInteger(_rules, schema);
        if (schema.Kinds.HasFlag(JsonKinds.Boolean))
            yield return _rules.Use(JsonRule.Boolean);
        if (schema.Kinds.HasFlag(JsonKinds.Null))
            yield return _rules.Use(JsonRule.Null);
    }

    private static JsonKinds KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonKinds.Null,
        JsonValueKind.True or JsonValueKind.False => JsonKinds.Boolean,
        JsonValueKind.Number when value.TryGetDecimal(out var number) && number == decimal.Truncate(number) => JsonKinds.Integer,
        JsonValueKind.Number => JsonKinds.Fraction,
        JsonValueKind.String => JsonKinds.Text,
        JsonValueKind.Array => JsonKinds.Array,
        _ => JsonKinds.Object,
    };

    private SchemaFaultException TooDeep(Schema schema) =>
        SchemaFaultException.Invalid(schema.Path, $"The schema nests more than {_rules.Limits.DepthMax} levels deep.");

    private static SchemaFaultException ComesRound(string path, string reference) =>
        SchemaFaultException.Invalid(path, $"The reference '{SchemaPath.Cut(reference)}' comes round to itself with nothing between.");

    private static SchemaFaultException Nothing(Schema schema) =>
        SchemaFaultException.Invalid(schema.Path, "No value can pass this schema.");
}
