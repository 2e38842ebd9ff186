using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Writes rules for texts: by pattern, by length, or by one of the formats known here.</summary>
internal static class TextGrammar
{
    private static readonly Dictionary<string, Shape> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = new($"^{Date}$", 10, 10),
        ["time"] = new($"^{Time}$", 9, 24),
        ["date-time"] = new($"^{Date}T{Time}$", 20, 35),
        ["uuid"] = new("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$", 36, 36),
        ["email"] = new($"^{Name}([.]{Name}){{0,3}}@({Label}[.]){{1,4}}[A-Za-z]{{2,24}}$", 6, 224),
        ["ipv4"] = new($"^({Octet}[.]){{3}}{Octet}$", 7, 15),
    };

    private const string Date = @"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])";
    private const string Time = @"([01]\d|2[0-3]):[0-5]\d:[0-5]\d([.]\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)";
    private const string Name = "[A-Za-z0-9_%+-]{1,16}";
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private const string Octet = @"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";

    /// <summary>How texts of a format look, and how long they are.</summary>
    private sealed record Shape(string Pattern, int LengthMin, int LengthMax);

    /// <summary>A text as it is, without quotes, up to what closes it; null when none can pass.</summary>
    /// <remarks>
    /// What closes it must not come in it, or all that follows might be text, too. A text that is counted, or has a pattern, has not the
    /// mark's rarest character; one of a least length not its first one until then.
    /// </remarks>
    public static string? WritePlain(GrammarRules rules, Schema schema, string closing)
    {
        if (schema.LengthMin > schema.LengthMax) return null;
        var rare = closing.Contains('|') ? '|' : closing[0];
        if (Expression(schema) is { } pattern)
            return new PatternGrammar(rules, pattern, schema.Path, PatternMeaning.Schema with { Rare = rare }, isPlain: true).Write();
        if (schema.LengthMax is { } most) return rules.Repeat(CharacterSet.AnyBut(rare).ToClass(), schema.LengthMin, most);
        var text = FreeText.Write(rules, closing);
        return schema.LengthMin == 0 ? text
            : Gbnf.Sequence(rules.Repeat(CharacterSet.AnyBut(closing[0]).ToClass(), schema.LengthMin, schema.LengthMin), text);
    }

    public static string? Write(GrammarRules rules, Schema schema)
    {
        if (schema.LengthMin > schema.LengthMax)
            return null;
        if (Expression(schema) is { } pattern)
            return rules.Define("text", $"\"\\\"\" {new PatternGrammar(rules, pattern, schema.Path).Write()} \"\\\"\"");
        if (schema is { LengthMin: 0, LengthMax: null })
            return rules.Use(JsonRule.Text);
        var characters = rules.Repeat(rules.Use(JsonRule.Character), schema.LengthMin, schema.LengthMax);
        return rules.Define("text", $"\"\\\"\" {characters} \"\\\"\"");
    }

    /// <summary>The regular expression that texts follow; null where they are held to their length alone.</summary>
    /// <remarks>
    /// A grammar cannot count what follows an expression. A format is held where all texts of its shape have the length, else it is an
    /// annotation: the length of what the model writes is what storing it depends on.
    /// </remarks>
    private static string? Expression(Schema schema)
    {
        if (schema.Pattern is { } pattern)
            return schema is { LengthMin: 0, LengthMax: null } ? pattern
                : throw SchemaFaultException.Unsupported(schema.Path, "pattern beside a length");
        return schema.Format is { } format && Formats.TryGetValue(format, out var shape)
            && schema.LengthMin <= shape.LengthMin && !(schema.LengthMax < shape.LengthMax) ? shape.Pattern : null;
    }
}
