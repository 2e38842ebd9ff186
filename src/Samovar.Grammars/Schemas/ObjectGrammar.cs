using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes rules for objects: declared properties in their order, optional ones left out at will, others at the end.</summary>
internal sealed class ObjectGrammar(GrammarRules rules, Func<Schema, string?> inner)
{
    private readonly record struct Member(string Rule, bool IsRequired);

    public string? Write(Schema schema)
    {
        var ws = rules.Use(JsonRule.Space);
        if (schema is { Properties.Count: 0, Required.Count: 0 } && schema.Additional is null or { IsAny: true })
            return rules.Use(JsonRule.Object);
        if (Members(schema) is not { } members)
            return null;
        var first = First(members, Others(schema));
        return rules.Define("object", first.Length == 0 ? $"\"{{\" {ws} \"}}\"" : $"\"{{\" {ws} {first} \"}}\"");
    }

    /// <summary>Null when a required property cannot be given.</summary>
    private List<Member>? Members(Schema schema)
    {
        var members = new List<Member>();
        var required = schema.Required.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Properties)
        {
            var isRequired = required.Contains(name);
            if (inner(property) is { } value)
                members.Add(new Member(Pair(name, value), isRequired));
            else if (isRequired)
                return null;
        }
        foreach (var name in schema.Required.Where(name => !schema.Properties.ContainsKey(name)))
        {
            if (inner(schema.Additional ?? new Schema { Path = schema.Path }) is not { } value)
                return null;
            members.Add(new Member(Pair(name, value), IsRequired: true));
        }
        return members;
    }

    private string Pair(string name, string value)
    {
        var ws = rules.Use(JsonRule.Space);
        return rules.Define(name + "-pair", $"{Gbnf.Literal(CanonicalJson.Quote(name))} {ws} \":\" {ws} {value}");
    }

    /// <summary>The rule for one more property that is not declared; null when there may be none.</summary>
    /// <remarks>A schema that declares properties and does not speak of others is held to those it declares.</remarks>
    private string? Others(Schema schema)
    {
        if (schema.Additional is not { } additional || inner(additional) is not { } value)
            return null;
        var ws = rules.Use(JsonRule.Space);
        var names = schema.Properties.Keys.Concat(schema.Required).Distinct(StringComparer.Ordinal).ToArray();
        var key = names.Length == 0 ? rules.Use(JsonRule.Text) : new OtherNames(rules).Write(names);
        return rules.Define("other", $"{key} {ws} \":\" {ws} {value}");
    }

    /// <summary>What is between the braces: the first member has no comma before it.</summary>
    private string First(List<Member> members, string? other)
    {
        var ws = rules.Use(JsonRule.Space);
        var remaining = other is null ? "" : rules.Define("others", $"({ws} \",\" {ws} {other})*");
        var starts = other is null ? [] : new List<string> { Gbnf.Sequence(other, remaining) }; // from the last to the first
        for (var at = members.Count - 1; at >= 0; at--)
        {
            var (rule, isRequired) = members[at];
            var start = Gbnf.Sequence(rule, remaining);
            if (isRequired)
                starts.Clear();
            starts.Add(start);
            remaining = rules.Define("more",
                Gbnf.Sequence(isRequired ? $"{ws} \",\" {ws} {rule}" : $"({ws} \",\" {ws} {rule})?", remaining));
        }
        if (starts.Count == 0)
            return "";
        var isNeeded = members.Exists(member => member.IsRequired);
        starts.Reverse();
        var choice = rules.Define("members", Gbnf.Choice(starts));
        return isNeeded ? $"{choice} {ws}" : $"({choice} {ws})?";
    }
}
