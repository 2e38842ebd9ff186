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
        var schema = Followed(document, document.Root, rules);
        if (schema.AnyOf.Count > 0 || schema.AllOf.Count > 0)
            throw SchemaFaultException.Unsupported(schema.Path, "a choice of objects as arguments of this model");
        var required = schema.Required.ToHashSet(StringComparer.Ordinal);
        var members = new List<(string Rule, bool IsRequired)>();
        foreach (var (name, property) in schema.Properties)
        {
            var value = tool.Pattern is { } pattern ? Pattern(rules, pattern, tool.IsLark, syntax, name, param)
                : Value(rules, document, grammar, property, syntax, name);
            if (value is null && required.Contains(name)) throw SchemaFaultException.Invalid(property.Path, "No value can pass.");
            if (value is null) continue;
            var rule = rules.Define(name + "-argument", Gbnf.Sequence(Literal(syntax.BeforeKey + name), value));
            members.Add((rule, required.Contains(name)));
        }
        return Members(rules, members, syntax.Separator);
    }

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

    private static string? Value(
        GrammarRules rules, SchemaDocument document, SchemaGrammar grammar, Schema property, ArgumentSyntax syntax, string key)
    {
        if (syntax.TextsAreJson && syntax.BeforeText == syntax.BeforeOther)
            return grammar.Value(property) is { } whole
                ? Gbnf.Sequence(Literal(syntax.BeforeOther), whole, Literal(syntax.AfterOther)) : null;
        var schema = Followed(document, property, rules);
        var branches = schema.AnyOf.Count > 0 ? schema.AnyOf.Select(branch => Followed(document, branch, rules)).ToList() : [schema];
        var alternatives = branches.SelectMany(branch => Alternatives(rules, grammar, branch, syntax, key))
            .Distinct(StringComparer.Ordinal).ToList();
        return alternatives.Count == 0 ? null : rules.Define("value", Gbnf.Choice(alternatives));
    }

    private static IEnumerable<string> Alternatives(
        GrammarRules rules, SchemaGrammar grammar, Schema schema, ArgumentSyntax syntax, string key)
    {
        var after = After(syntax, key);
        var others = schema;
        if (schema.Values is { } values)
        {
            foreach (var text in values.Where(value => value.ValueKind == JsonValueKind.String))
                yield return Literal(syntax.BeforeText + text.GetString() + after);
            others = schema with { Values = [.. values.Where(value => value.ValueKind != JsonValueKind.String)] };
            if (others.Values.Count == 0) yield break;
        }
        else if (schema.Kinds.HasFlag(JsonKinds.Text))
        {
            if (TextGrammar.WritePlain(rules, schema, Closing(after)) is { } text)
                yield return Gbnf.Sequence(Literal(syntax.BeforeText), text, Literal(after));
            others = schema with { Kinds = schema.Kinds & ~JsonKinds.Text };
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

    private static Schema Followed(SchemaDocument document, Schema schema, GrammarRules rules)
    {
        for (var steps = 0; schema is { Reference: { } reference, IsReferenceOnly: true }; steps++)
        {
            if (steps > rules.Limits.DepthMax) throw SchemaFaultException.Invalid(schema.Path, "The references never come to an end.");
            schema = document.Resolve(reference, schema.Path);
        }
        return schema;
    }

    private static string After(ArgumentSyntax syntax, string key) =>
        syntax.AfterText.Replace(ArgumentSyntax.KeyPlace.ToString(), key, StringComparison.Ordinal);

    /// <summary>What does not occur in a text that such a mark closes.</summary>
    private static string Closing(string after) => after.Trim() is { Length: > 0 } mark ? mark : "\n";

    private static string Literal(string text) => text.Length == 0 ? "" : Gbnf.Literal(text);
}
