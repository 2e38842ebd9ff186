using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes rules for arrays: the prefix one by one, then items of one kind, as many as are admitted.</summary>
internal sealed class ArrayGrammar(GrammarRules rules, Func<Schema, string?> inner)
{
    public string? Write(Schema schema)
    {
        if (schema is { PrefixItems.Count: 0, Items: null or { IsAny: true }, ItemsMin: 0, ItemsMax: null })
            return rules.Use(JsonRule.Array);
        if (schema.ItemsMin > schema.ItemsMax)
            return null;
        var ws = rules.Use(JsonRule.Space);
        if (Content(schema) is not { } content)
            return null;
        return rules.Define("array", content.Length == 0 ? $"\"[\" {ws} \"]\"" : $"\"[\" {ws} {content} \"]\"");
    }

    /// <summary>From the end to the front: each item is optional with all that follow it, once there are enough.</summary>
    private string? Content(Schema schema)
    {
        var ws = rules.Use(JsonRule.Space);
        var prefix = schema.PrefixItems.Take(schema.ItemsMax ?? int.MaxValue).Select(inner).TakeWhile(rule => rule is not null).ToList();
        var endsEarly = prefix.Count < Math.Min(schema.PrefixItems.Count, schema.ItemsMax ?? int.MaxValue);
        var item = endsEarly || prefix.Count >= (schema.ItemsMax ?? int.MaxValue)
            ? null
            : inner(schema.Items ?? new Schema { Path = schema.Path });
        if (item is null && schema.ItemsMin > prefix.Count)
            return null;
        if (prefix.Count == 0)
            return item is null ? "" : Items(schema, item);
        var more = item is null
            ? ""
            : rules.Repeat(
                rules.Define("next", $"{ws} \",\" {ws} {item}"),
                Math.Max(0, schema.ItemsMin - prefix.Count),
                schema.ItemsMax - prefix.Count);
        for (var at = prefix.Count - 1; at > 0; at--)
        {
            var remaining = rules.Define("next", Gbnf.Sequence($"{ws} \",\" {ws} {prefix[at]}", more));
            more = at < schema.ItemsMin ? remaining : remaining + "?";
        }
        var first = rules.Define("items", Gbnf.Sequence(prefix[0]!, more, ws));
        return schema.ItemsMin > 0 ? first : first + "?";
    }

    private string Items(Schema schema, string item)
    {
        var ws = rules.Use(JsonRule.Space);
        var next = rules.Define("next", $"{ws} \",\" {ws} {item}");
        var more = rules.Repeat(next, Math.Max(0, schema.ItemsMin - 1), schema.ItemsMax - 1);
        var items = rules.Define("items", Gbnf.Sequence(item, more, ws));
        return schema.ItemsMin > 0 ? items : items + "?";
    }
}
