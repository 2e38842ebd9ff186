using System.Text.Json;
using Samovar.Grammars.Lark;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes rules for arguments in a form of their own: a strict tool's by its schema, others by any names and values.</summary>
internal static class ArgumentGrammar
{
    private const string AnyKey = "[a-zA-Z0-9_] [a-zA-Z0-9_.-]{0,63}";

    /// <param name="rules">Where rules are added.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="syntax">How arguments are written.</param>
    /// <param name="param">The tool's place in the request.</param>
    public static string Write(GrammarRules rules, ToolSignature tool, ArgumentSyntax syntax, string param)
    {
        var within = tool.IsStrict ? Strict(rules, tool, syntax, param) : Loose(rules, syntax);
        return Gbnf.Sequence(Literal(syntax.Open), within, Literal(syntax.Close));
    }

    private static string Loose(GrammarRules rules, ArgumentSyntax syntax)
    {
        var marks = syntax.AfterText.Split(ArgumentSyntax.KeyPlace);
        var closing = Closing(string.Concat(marks));
        var text = syntax.TextsAreJson ? rules.Use(JsonRule.Text) : FreeText.Write(rules, closing);
        var after = marks is [var before, var behind] ? Gbnf.Sequence(Literal(before), AnyKey, Literal(behind)) : Literal(syntax.AfterText);
        var afterOther = syntax.AfterOther == syntax.AfterText ? after : Literal(syntax.AfterOther);
        var value = rules.Define("value", Gbnf.Choice(
        [
            Gbnf.Sequence(Literal(syntax.BeforeText), text, after),
            Gbnf.Sequence(Literal(syntax.BeforeOther), rules.Use(JsonRule.Value), afterOther),
        ]));
        var member = rules.Define("argument", Gbnf.Sequence(Literal(syntax.BeforeKey), AnyKey, value));
        return syntax.Separator.Length == 0 ? member + "*" : $"( {member} ( {Literal(syntax.Separator)} {member} )* )?";
    }

    private static string Strict(GrammarRules rules, ToolSignature tool, ArgumentSyntax syntax, string param)
    {
        var path = param + ".parameters";
        if (tool.ParametersUtf8.Length > rules.Limits.SchemaBytesMax)
            throw SchemaFaultException.Invalid(path, $"The schema has more than {rules.Limits.SchemaBytesMax} bytes.");
        using var json = JsonDocument.Parse(tool.ParametersUtf8, new JsonDocumentOptions { MaxDepth = rules.Limits.DepthMax * 2 });
        var document = new SchemaDocument(json.RootElement, path, rules);
        var grammar = new SchemaGrammar(document, rules);
        var schema = Whole(grammar, document.Root);
        var required = schema.Required.ToHashSet(StringComparer.Ordinal);
        var members = new List<(string Rule, bool IsRequired)>();
        foreach (var (name, property) in Declared(schema))
        {
            var value = tool.Pattern is { } pattern ? Pattern(rules, pattern, tool.IsLark, syntax, name, param)
                : Value(rules, grammar, property, syntax, name);
            if (value is null && required.Contains(name)) throw SchemaFaultException.Invalid(property.Path, "No value can pass.");
            if (value is null) continue;
            var rule = rules.Define(name + "-argument", Gbnf.Sequence(Literal(syntax.BeforeKey + name), value));
            members.Add((rule, required.Contains(name)));
        }
        return Members(rules, members, syntax.Separator);
    }

    /// <summary>What the schema asks of all arguments; a choice is refused, and what no form between marks can hold.</summary>
    private static Schema Whole(SchemaGrammar grammar, Schema root)
    {
        if (grammar.Leaves(root).Take(2).ToList() is not [var schema])
            throw SchemaFaultException.Unsupported(root.Path, "a choice of objects as arguments of this model");
        if (schema.Values is not null)
            throw SchemaFaultException.Unsupported(schema.Path, "enum or const of all arguments of this model");
        return schema.Kinds.HasFlag(JsonKinds.Object) ? schema
            : throw SchemaFaultException.Invalid(schema.Path, "Arguments are an object.");
    }

    /// <summary>The properties, and behind them those that are required and not declared.</summary>
    private static IEnumerable<KeyValuePair<string, Schema>> Declared(Schema schema) => schema.Properties.Concat(
        schema.Required.Where(name => !schema.Properties.ContainsKey(name))
            .Select(name => KeyValuePair.Create(name, schema.Additional ?? new Schema { Path = schema.Path })));

    private static string Pattern(
        GrammarRules rules, string pattern, bool isLark, ArgumentSyntax syntax, string key, string param)
    {
        var place = param + ".format.definition";
        var isPlain = !syntax.TextsAreJson;
        var text = isLark ? LarkGrammar.Write(rules, pattern, place, isPlain)
            : PatternGrammar.OfTool(rules, pattern, place, isPlain).Write();
        var quote = syntax.TextsAreJson ? "\"" : "";
        return Gbnf.Sequence(Literal(syntax.BeforeText + quote), text, Literal(quote + After(syntax, key)));
    }

    private static string? Value(GrammarRules rules, SchemaGrammar grammar, Schema property, ArgumentSyntax syntax, string key)
    {
        if (syntax.TextsAreJson && syntax.BeforeText == syntax.BeforeOther)
            return grammar.Value(property) is { } whole
                ? Gbnf.Sequence(Literal(syntax.BeforeOther), whole, Literal(syntax.AfterOther)) : null;
        var alternatives = grammar.Leaves(property).SelectMany(leaf => Alternatives(rules, grammar, leaf, syntax, key))
            .Distinct(StringComparer.Ordinal).ToList();
        return alternatives.Count == 0 ? null : rules.Define("value", Gbnf.Choice(alternatives));
    }

    /// <param name="rules">Where rules are added.</param>
    /// <param name="grammar">Of the tool's schema.</param>
    /// <param name="leaf">One of the schemas that the value may follow.</param>
    /// <param name="syntax">How arguments are written.</param>
    /// <param name="key">The argument's name.</param>
    private static IEnumerable<string> Alternatives(
        GrammarRules rules, SchemaGrammar grammar, Schema leaf, ArgumentSyntax syntax, string key)
    {
        var after = After(syntax, key);
        var others = leaf;
        if (leaf.Values is { } values)
        {
            var fitting = SchemaGrammar.Fitting(leaf, values).ToLookup(value => value.ValueKind == JsonValueKind.String);
            foreach (var text in fitting[true])
                yield return Literal(syntax.BeforeText + text.GetString() + after);
            others = leaf with { Values = [.. fitting[false]] };
            if (others.Values.Count == 0) yield break;
        }
        else if (leaf.Kinds.HasFlag(JsonKinds.Text))
        {
            if (TextGrammar.WritePlain(rules, leaf, Closing(after)) is { } text)
                yield return Gbnf.Sequence(Literal(syntax.BeforeText), text, Literal(after));
            others = leaf with { Kinds = leaf.Kinds & ~JsonKinds.Text };
        }
        var afterOther = syntax.AfterOther == syntax.AfterText ? after : syntax.AfterOther;
        if (others.Kinds != JsonKinds.None && grammar.Value(others) is { } json)
            yield return Gbnf.Sequence(Literal(syntax.BeforeOther), json, Literal(afterOther));
    }

    /// <summary>Declared arguments in their order, optional ones left out at will.</summary>
    private static string Members(GrammarRules rules, List<(string Rule, bool IsRequired)> members, string separator)
    {
        var between = Literal(separator);
        var remaining = "";
        var starts = new List<string> { "\"\"" };
        for (var at = members.Count - 1; at >= 0; at--)
        {
            var (rule, isRequired) = members[at];
            var start = Gbnf.Sequence(rule, remaining);
            if (isRequired) starts.Clear();
            starts.Insert(0, start);
            var next = Gbnf.Sequence(between, rule);
            remaining = rules.Define("more", Gbnf.Sequence(isRequired ? next : $"( {next} )?", remaining));
        }
        return rules.Define("arguments", Gbnf.Choice(starts));
    }

    private static string After(ArgumentSyntax syntax, string key) =>
        syntax.AfterText.Replace(ArgumentSyntax.KeyPlace.ToString(), key, StringComparison.Ordinal);

    /// <summary>What does not occur in a text that such a mark closes.</summary>
    private static string Closing(string after) => after.Trim() is { Length: > 0 } mark ? mark : "\n";

    private static string Literal(string text) => text.Length == 0 ? "" : Gbnf.Literal(text);
}
