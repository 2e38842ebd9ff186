using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Tells whether a schema has a value that comes to an end. One that needs a value of itself has none: a model that once began
/// it could only go on.</summary>
/// <remarks>
/// A schema ends when all that it needs ends. Those that are looked at count as endless until they are known to end; as long as more
/// become known, all others are looked at once more.
/// </remarks>
internal sealed class EndingSchemas(JoinedSchemas joined, GrammarRules rules)
{
    private readonly HashSet<Schema> _ending = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Schema> _endless = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Schema> _seen = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc cref="JoinedSchemas.Of" path="/param"/>
    public bool Has(Schema schema, Schema[] open)
    {
        for (var known = -1; known < _ending.Count;)
        {
            known = _ending.Count;
            _seen.Clear();
            if (Ends(schema, open, depth: 0)) return true;
        }
        _endless.UnionWith(_seen.Where(one => !_ending.Contains(one)));
        return false;
    }

    private bool Ends(Schema schema, Schema[] open, int depth)
    {
        if (depth > rules.Limits.DepthMax || _ending.Contains(schema)) return true; // what is too deep is refused when it is written
        if (_endless.Contains(schema) || !_seen.Add(schema)) return false;
        rules.Work.Take(1);
        var ends = schema switch
        {
            { IsAny: true } => true,
            { Reference: not null, IsReferenceOnly: true } when joined.Referred(schema, open) is var one =>
                Ends(one, [.. open, one], depth + 1),
            _ when joined.Of(schema, open) is var (one, followed) => Ends(one, followed, depth + 1),
            { AnyOf.Count: > 0 } => joined.Branches(schema, open).Any(branch => Ends(branch.Schema, branch.Open, depth + 1)),
            { Values: not null } => true,
            _ => (schema.Kinds & ~(JsonKinds.Array | JsonKinds.Object)) != 0 || IsMade(schema, depth + 1),
        };
        if (ends) _ending.Add(schema);
        return ends;
    }

    /// <summary>Whether all that an object or an array must have comes to an end.</summary>
    private bool IsMade(Schema schema, int depth)
    {
        var isObject = schema.Kinds.HasFlag(JsonKinds.Object)
            && schema.Required.All(name => IsGiven(schema.Properties.GetValueOrDefault(name) ?? schema.Additional));
        return isObject || (schema.Kinds.HasFlag(JsonKinds.Array)
            && schema.PrefixItems.Take(schema.ItemsMin).All(IsGiven)
            && (schema.ItemsMin <= schema.PrefixItems.Count || IsGiven(schema.Items)));

        bool IsGiven(Schema? part) => part is null || Ends(part, [], depth);
    }
}
