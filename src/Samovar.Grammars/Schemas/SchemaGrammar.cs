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
    private readonly JoinedSchemas _joined;
    private readonly EndingSchemas _ending;
    private readonly Dictionary<Schema, Place> _places = new(ReferenceEqualityComparer.Instance);
    private int _depth;

    public SchemaGrammar(SchemaDocument document, GrammarRules rules)
    {
        (_document, _rules) = (document, rules);
        _joined = new JoinedSchemas(document, rules);
        _ending = new EndingSchemas(_joined, rules);
        _objects = new ObjectGrammar(rules, Inner);
        _arrays = new ArrayGrammar(rules, Inner);
    }

    /// <summary>What was written of a schema; one that comes round to itself meanwhile needs a name for it.</summary>
    private sealed class Place
    {
        public string? Name { get; set; }
        public bool IsWritten { get; set; }
        public string? Rule { get; set; }
    }

    /// <summary>The name of the rule for the whole document.</summary>
    public string WriteRoot() =>
        Referred(new Schema { Path = _document.Root.Path, Reference = "#" }, []) ?? throw Nothing(_document.Root);

    /// <summary>The rule for a value of one of the document's schemas; null when none can pass.</summary>
    public string? Value(Schema schema) => Inner(schema);

    /// <inheritdoc cref="JoinedSchemas.Leaves(Schema)"/>
    public IEnumerable<Schema> Leaves(Schema schema) => _joined.Leaves(schema);

    /// <summary>Those values of an <c>enum</c> or a <c>const</c> that the schema's type admits.</summary>
    public static IEnumerable<JsonElement> Fitting(Schema schema, IReadOnlyList<JsonElement> values) =>
        (schema with { Values = null, Kinds = JsonKinds.All, Format = null }).IsAny
            ? values.Where(value => (KindOf(value) & schema.Kinds) != 0)
            : throw SchemaFaultException.Unsupported(schema.Path, "enum or const beside other demands than a type");

    /// <summary>A property or an item: something precedes it, so that references may come round to it again.</summary>
    private string? Inner(Schema schema) => _ending.Has(schema, []) ? Once(schema, []) : null;

    private string? Referred(Schema schema, Schema[] open)
    {
        var referred = _joined.Referred(schema, open);
        Schema[] followed = [.. open, referred];
        return _ending.Has(referred, followed) ? Once(referred, followed) ?? throw Nothing(referred) : null;
    }

    /// <summary>The same schema is the same rule, and may be in itself: joined schemas come round by what they have in common.</summary>
    private string? Once(Schema schema, Schema[] open)
    {
        if (_places.TryGetValue(schema, out var known))
            return known.IsWritten ? known.Rule : known.Name ??= _rules.Reserve(schema.Path[(schema.Path.LastIndexOf('/') + 1)..]);
        var place = _places[schema] = new Place();
        var rule = Write(schema, open);
        if (place.Name is { } name)
            _rules.Fill(name, rule ?? throw Nothing(schema));
        place.IsWritten = true;
        return place.Rule = place.Name ?? rule;
    }

    /// <param name="schema">What is asked for.</param>
    /// <param name="open">What references led to since the last character; coming to one of them again would never end.</param>
    /// <returns>A rule's name; null when no value can pass.</returns>
    private string? Write(Schema schema, Schema[] open)
    {
        var depth = _depth;
        try
        {
            if (++_depth > _rules.Limits.DepthMax)
                throw JoinedSchemas.TooDeep(schema, _rules.Limits);
            return Held(schema, open);
        }
        catch (SchemaFaultException fault) when (_document.IsLoose && IsOfThis(fault))
        {
            _depth = depth + 1;
            return Freed(schema, depth <= _rules.Limits.DepthMax);
        }
        finally
        {
            _depth = depth;
        }
    }

    private string? Held(Schema schema, Schema[] open)
    {
        _rules.Work.Take(1);
        return schema switch
        {
            { IsAny: true } => _rules.Use(JsonRule.Value),
            { Reference: not null, IsReferenceOnly: true } => Referred(schema, open),
            { AllOf: [var only] } when (schema with { AllOf = [] }).IsAny => Write(only, open), // a reference may come round
            _ when _joined.Of(schema, open) is var (joined, followed) => Write(joined, followed),
            { AnyOf.Count: > 0 } => OneOf("choice", _joined.Branches(schema, open).Select(branch => Write(branch.Schema, branch.Open))),
            { Values: { } values } => OneOf(schema, values),
            _ => OfKinds(schema),
        };
    }

    /// <summary>Of a schema with a demand that no rule holds: what it declares itself, else its type.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="mayNest">Whether there may be schemas in it.</param>
    private string? Freed(Schema schema, bool mayNest)
    {
        try
        {
            if (mayNest && (schema.Reference is not null || schema.AllOf.Count > 0 || schema.AnyOf.Count > 0))
                return Held(schema with { Reference = null, AllOf = [], AnyOf = [] }, []);
        }
        catch (SchemaFaultException fault) when (IsOfThis(fault))
        {
            // what it declares itself is too much, too
        }
        return Held(new Schema { Path = schema.Path, Kinds = schema.Kinds, Values = schema.Values }, []);
    }

    /// <summary>Whether a schema with less demands may do; what has no place of its own is a bound of the whole grammar.</summary>
    private static bool IsOfThis(SchemaFaultException fault) =>
        fault.Result is GrammarResult.Unsupported or GrammarResult.Invalid { IsBeyond: true, Path.Length: > 0 };

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
        JsonValueKind.Number => SchemaNumbers.IsWhole(value) ? JsonKinds.Integer : JsonKinds.Fraction,
        JsonValueKind.String => JsonKinds.Text,
        JsonValueKind.Array => JsonKinds.Array,
        _ => JsonKinds.Object,
    };

    private static SchemaFaultException Nothing(Schema schema) =>
        SchemaFaultException.Beyond(schema.Path, "No value can pass this schema.");
}
