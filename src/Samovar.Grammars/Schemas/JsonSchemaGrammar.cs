using System.Text.Json;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>Compiles a JSON Schema into a grammar, so that a model can write nothing that the schema refuses.</summary>
/// <remarks>docs/grammars.md says what is supported.</remarks>
internal static class JsonSchemaGrammar
{
    /// <summary>Any JSON object, for a format that asks for JSON and no more.</summary>
    public static GrammarText AnyObject()
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        return rules.Build(rules.Use(JsonRule.Object));
    }

    /// <param name="schemaUtf8">The schema.</param>
    /// <param name="param">The request's parameter it came with; paths in results begin with it.</param>
    public static GrammarResult Compile(ReadOnlyMemory<byte> schemaUtf8, string param) => Compile(schemaUtf8, param, GrammarLimits.Default);

    public static GrammarResult Compile(ReadOnlyMemory<byte> schemaUtf8, string param, GrammarLimits limits)
    {
        var rules = new GrammarRules(limits);
        return Guard(param, () => new GrammarResult.Compiled(rules.Build(Write(rules, schemaUtf8, param))));
    }

    /// <summary>Adds a schema to a grammar that has more in it; faults are exceptions, to be caught by <see cref="Guard"/>.</summary>
    /// <param name="rules">The grammar.</param>
    /// <param name="schemaUtf8">The schema.</param>
    /// <param name="param">The request's parameter it came with.</param>
    /// <param name="isLoose">Whether what no rule can hold is left free, and only that: of such a value its type is held.</param>
    /// <returns>The name of the rule.</returns>
    public static string Write(GrammarRules rules, ReadOnlyMemory<byte> schemaUtf8, string param, bool isLoose = false)
    {
        if (schemaUtf8.Length > rules.Limits.SchemaBytesMax)
            throw SchemaFaultException.Beyond(param, $"The schema has more than {rules.Limits.SchemaBytesMax} bytes.");
        try
        {
            using var json = JsonDocument.Parse(schemaUtf8, new JsonDocumentOptions { MaxDepth = rules.Limits.DepthMax * 2 });
            return new SchemaGrammar(new SchemaDocument(json.RootElement, param, rules, isLoose), rules).WriteRoot();
        }
        catch (SchemaFaultException fault) when (fault.Result is GrammarResult.Invalid { Path: "" } limit)
        {
            throw new SchemaFaultException(limit with { Path = param });
        }
    }

    /// <summary>How much of a schema can be held that need not be held to the letter. A mistake in it is told when it is written.</summary>
    public static SchemaHold HoldOf(ReadOnlyMemory<byte> schemaUtf8, string param)
    {
        if (!IsBeyond(Compile(schemaUtf8, param))) return SchemaHold.Whole;
        var rules = new GrammarRules(GrammarLimits.Default);
        var loose = Guard(param, () => new GrammarResult.Compiled(rules.Build(Write(rules, schemaUtf8, param, isLoose: true))));
        return IsBeyond(loose) ? SchemaHold.Type : SchemaHold.Loose;

        static bool IsBeyond(GrammarResult result) => result is GrammarResult.Unsupported or GrammarResult.Invalid { IsBeyond: true };
    }

    /// <summary>The rule of what a schema says of its own type, and of nothing within; an object where it says nothing.</summary>
    public static string WriteType(GrammarRules rules, ReadOnlyMemory<byte> schemaUtf8)
    {
        var reader = new Utf8JsonReader(schemaUtf8.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName }) continue;
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                return rules.Use(reader.GetString() switch
                {
                    "array" => JsonRule.Array,
                    "string" => JsonRule.Text,
                    "number" => JsonRule.Number,
                    "integer" => JsonRule.Integer,
                    "boolean" => JsonRule.Boolean,
                    "null" => JsonRule.Null,
                    _ => JsonRule.Object,
                });
            reader.Skip();
        }
        return rules.Use(JsonRule.Object);
    }

    public static GrammarResult Guard(string param, Func<GrammarResult> compile)
    {
        try
        {
            return compile();
        }
        catch (SchemaFaultException fault)
        {
            return fault.Result is GrammarResult.Invalid { Path: "" } limit ? limit with { Path = param } : fault.Result;
        }
        catch (JsonException fault)
        {
            return new GrammarResult.Invalid(param, $"The schema is not JSON, or nests too deep: {fault.Message}") { IsBeyond = true };
        }
        catch (ArgumentOutOfRangeException)
        {
            return new GrammarResult.Invalid(param, "A number in the schema has an exponent that is too large.") { IsBeyond = true };
        }
        catch (InvalidOperationException)
        {
            return new GrammarResult.Invalid(param, "A text in the schema has half of a surrogate pair.");
        }
    }
}
