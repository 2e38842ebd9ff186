using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>What schemas come to that refer to others, join or choose. Each is worked out once, and is the same from then on.</summary>
internal sealed class JoinedSchemas(SchemaDocument document, GrammarRules rules)
{
    /// <summary>Steps that one schema counts as, beside those of its making: it is kept until the grammar is whole.</summary>
    private const int KeepingSteps = 32;

    private readonly SchemaMerge _merge = new(rules.Work, document.IsLoose);
    private readonly Dictionary<Schema, Joint> _joined = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Schema, Joint[]> _branches = new(ReferenceEqualityComparer.Instance);

    /// <summary>A schema, and what was followed to come to it.</summary>
    private readonly record struct Joint(Schema Schema, Schema[] Followed);

    /// <summary>One schema of it and of what it refers to, or of all that must hold beside it; null where there is neither.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="open">What references led to since the last character; coming to one of them again would never end.</param>
    public (Schema Schema, Schema[] Open)? Of(Schema schema, Schema[] open) => schema switch
    {
        { Reference: not null } => Behind(open, Once(schema, Referred(schema, open), open)),
        { AllOf.Count: > 0 } => Behind(open, Once(schema, null, open)),
        _ => null,
    };

    /// <summary>
    /// What a schema refers to, by whatever name. What is open holds already: to ask for it once more asks for nothing, as loose grammars
    /// read it. So a base that must be one of its subtypes, each of which must be such a base, is what its authors mean.
    /// </summary>
    public Schema Referred(Schema schema, Schema[] open)
    {
        rules.Work.Take(1 + open.Length);
        var referred = document.Resolve(schema.Reference!, schema.Path);
        return !open.Contains(referred, ReferenceEqualityComparer.Instance) ? referred
            : document.IsLoose ? new Schema { Path = schema.Path }
            : throw ComesRound(schema.Path, schema.Reference!);
    }

    /// <summary>Each way in which a choice can be met.</summary>
    public IEnumerable<(Schema Schema, Schema[] Open)> Branches(Schema schema, Schema[] open)
    {
        if (!_branches.TryGetValue(schema, out var known))
        {
            rules.Work.Take((long)KeepingSteps * schema.AnyOf.Count);
            var common = schema with { AnyOf = [] };
            known = _branches[schema] = [.. schema.AnyOf.Select(branch =>
                common.IsAny ? new Joint(branch, []) : Since(open, Merged(new Joint(common, open), branch)))];
        }
        return known.Select(branch => Behind(open, branch));
    }

    /// <summary>What a schema comes to, for those who write values in a form of their own: schemas of which one must hold, and none of
    /// which refers, joins or chooses.</summary>
    public IEnumerable<Schema> Leaves(Schema schema) => Leaves(schema, [], depth: 0);

    private IEnumerable<Schema> Leaves(Schema schema, Schema[] open, int depth)
    {
        rules.Work.Take(1);
        if (depth > rules.Limits.DepthMax)
            throw SchemaFaultException.Beyond(schema.Path, "The references never come to an end.");
        return Of(schema, open) is var (joined, followed) ? Leaves(joined, followed, depth + 1)
            : schema.AnyOf.Count == 0 ? [schema]
            : Branches(schema, open).SelectMany(branch => Leaves(branch.Schema, branch.Open, depth + 1));
    }

    private Joint Once(Schema schema, Schema? referred, Schema[] open)
    {
        if (_joined.TryGetValue(schema, out var known)) return known;
        rules.Work.Take(KeepingSteps);
        var joined = referred is null ? schema.AllOf.Aggregate(new Joint(schema with { AllOf = [] }, open), Merged)
            : Merged(new Joint(schema with { Reference = null }, [.. open, referred]), referred);
        return _joined[schema] = Since(open, joined);
    }

    /// <summary>References on the way are followed, as there is nothing else to merge.</summary>
    private Joint Merged(Joint all, Schema part)
    {
        var open = all.Followed;
        for (var steps = 0; part.Reference is { } reference; steps++)
        {
            if (steps > rules.Limits.DepthMax)
                throw SchemaFaultException.Beyond(part.Path, "The references never come to an end.");
            var referred = document.IsLoose ? Referred(part, open) : document.Resolve(reference, part.Path);
            if (document.IsLoose) open = [.. open, referred];
            part = _merge.Of(part with { Reference = null }, referred);
        }
        return new Joint(_merge.Of(all.Schema, part), open);
    }

    private static (Schema Schema, Schema[] Open) Behind(Schema[] open, Joint joint) => (joint.Schema, [.. open, .. joint.Followed]);

    private static Joint Since(Schema[] open, Joint joint) => joint with { Followed = joint.Followed[open.Length..] };

    /// <summary>The document itself is not so deep, or it would not have been read: its references are.</summary>
    public static SchemaFaultException TooDeep(Schema schema, GrammarLimits limits) =>
        SchemaFaultException.Unsupported(schema.Path, $"$ref that nests more than {limits.DepthMax} levels deep");

    private static SchemaFaultException ComesRound(string path, string reference) =>
        SchemaFaultException.Beyond(path, $"The reference '{SchemaPath.Cut(reference)}' comes round to itself with nothing between.");
}
