using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>What schemas come to that refer to others, join or choose. Each is worked out once, and is the same from then on.</summary>
internal sealed class JoinedSchemas(SchemaDocument document, GrammarRules rules)
{
    /// <summary>Steps that one schema counts as, beside those of its making: it is kept until the grammar is whole.</summary>
    private const int KeepingSteps = 32;

    private readonly SchemaMerge _merge = new(rules.Work, document.IsLoose);
    private readonly Dictionary<Schema, Schema> _joined = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Schema, Schema[]> _branches = new(ReferenceEqualityComparer.Instance);

    /// <summary>One schema of it and of what it refers to, or of all that must hold beside it; null where there is neither.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="open">References followed since the last character; coming to one of them again would never end.</param>
    public (Schema Schema, string[] Open)? Of(Schema schema, string[] open) => schema switch
    {
        { Reference: { } reference } => (Once(schema, Referred(schema, open)), [.. open, reference]),
        { AllOf.Count: > 0 } => (Once(schema, null), open),
        _ => null,
    };

    /// <summary>What a schema refers to.</summary>
    public Schema Referred(Schema schema, string[] open) => open.Contains(schema.Reference, StringComparer.Ordinal)
        ? throw ComesRound(schema.Path, schema.Reference!)
        : document.Resolve(schema.Reference!, schema.Path);

    /// <summary>Each way in which a choice can be met.</summary>
    public IReadOnlyList<Schema> Branches(Schema schema)
    {
        if (_branches.TryGetValue(schema, out var known)) return known;
        rules.Work.Take((long)KeepingSteps * schema.AnyOf.Count);
        var common = schema with { AnyOf = [] };
        return _branches[schema] = [.. schema.AnyOf.Select(branch => common.IsAny ? branch : Merged(common, branch))];
    }

    /// <summary>What a schema comes to, for those who write values in a form of their own: schemas of which one must hold, and none of
    /// which refers, joins or chooses.</summary>
    public IEnumerable<Schema> Leaves(Schema schema) => Leaves(schema, [], depth: 0);

    private IEnumerable<Schema> Leaves(Schema schema, string[] open, int depth)
    {
        rules.Work.Take(1);
        if (depth > rules.Limits.DepthMax)
            throw SchemaFaultException.Invalid(schema.Path, "The references never come to an end.");
        return Of(schema, open) is var (joined, followed) ? Leaves(joined, followed, depth + 1)
            : schema.AnyOf.Count == 0 ? [schema]
            : Branches(schema).SelectMany(branch => Leaves(branch, open, depth + 1));
    }

    private Schema Once(Schema schema, Schema? referred)
    {
        if (_joined.TryGetValue(schema, out var known)) return known;
        rules.Work.Take(KeepingSteps);
        return _joined[schema] = referred is not null ? Merged(schema with { Reference = null }, referred)
            : schema.AllOf.Aggregate(schema with { AllOf = [] }, Merged);
    }

    /// <summary>References on the way are followed, as there is nothing else to merge.</summary>
    private Schema Merged(Schema a, Schema b)
    {
        for (var steps = 0; b.Reference is { } reference; steps++)
        {
            if (steps > rules.Limits.DepthMax)
                throw SchemaFaultException.Invalid(b.Path, "The references never come to an end.");
            b = _merge.Of(b with { Reference = null }, document.Resolve(reference, b.Path));
        }
        return _merge.Of(a, b);
    }

    /// <summary>The document itself is not so deep, or it would not have been read: its references are.</summary>
    public static SchemaFaultException TooDeep(Schema schema, GrammarLimits limits) =>
        SchemaFaultException.Unsupported(schema.Path, $"$ref that nests more than {limits.DepthMax} levels deep");

    private static SchemaFaultException ComesRound(string path, string reference) =>
        SchemaFaultException.Invalid(path, $"The reference '{SchemaPath.Cut(reference)}' comes round to itself with nothing between.");
}
