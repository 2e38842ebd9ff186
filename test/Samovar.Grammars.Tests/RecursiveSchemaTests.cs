using System.Text;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

/// <summary>Schemas that come round to themselves, by whatever name and with whatever beside it.</summary>
public sealed class RecursiveSchemaTests
{
    /// <summary>A list of integers, whose next part is said in other ways.</summary>
    private const string List = """
        {"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"v": {"type": "integer"}, "next": NEXT}, "required": ["v"],
        "additionalProperties": false}, "Note": {"description": "of a note"}}}
        """;

    private const string Animals = """
        {"$ref": "#/$defs/Animal", "$defs": {"Animal": {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}},
        "oneOf": [{"$ref": "#/$defs/Dog"}]}, "Dog": {"allOf": [{"$ref": "#/$defs/Animal"}, {"type": "object",
        "properties": {"b": {"type": "integer"}}}]}}}
        """;

    [Theory]
    [InlineData("""{"allOf": [{"$ref": "#/$defs/N"}, {"description": "x"}]}""")]
    [InlineData("""{"allOf": [{"$ref": "#/$defs/N"}, {"type": "object"}]}""")]
    [InlineData("""{"allOf": [{"$ref": "#/$defs/N"}, {"$ref": "#/$defs/N"}]}""")]
    [InlineData("""{"allOf": [{"$ref": "#/$defs/N"}, {"required": ["v"]}]}""")]
    [InlineData("""{"$ref": "#/$defs/N", "type": "object"}""")]
    [InlineData("""{"$ref": "#/$defs/N", "type": ["object", "null"]}""")]
    [InlineData("""{"anyOf": [{"$ref": "#/$defs/N", "type": "object"}, {"type": "null"}]}""")]
    [InlineData("""{"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}], "type": ["object", "null"]}""")]
    [InlineData("""{"nullable": true, "allOf": [{"$ref": "#/$defs/N"}]}""")]
    public void ReferenceWithSomethingBesideIt_ComesRound(string next)
    {
        var schema = List.Replace("NEXT", next, StringComparison.Ordinal);
        foreach (var grammar in new[] { Compiled(schema), Loose(schema) })
        {
            Assert.True(GbnfMatcher.Accepts(grammar, """{"v":1}"""));
            Assert.True(GbnfMatcher.Accepts(grammar, """{"v":1,"next":{"v":2,"next":{"v":3}}}"""));
            Assert.False(GbnfMatcher.Accepts(grammar, """{"v":1,"next":{}}"""));
            Assert.False(GbnfMatcher.Accepts(grammar, """{"v":1,"next":{"v":2,"next":{"v":"x"}}}"""));
        }
    }

    /// <summary>A base that is one of its subtypes, each of which is such a base: rules are written of what they declare.</summary>
    [Fact]
    public void ReferencesWithoutAnEnd_AreLeftFree_WhereTheSchemaIsNotStrict()
    {
        Assert.IsType<GrammarResult.Unsupported>(Compile(Animals));
        var grammar = Loose(Animals);
        Assert.True(GbnfMatcher.Accepts(grammar, """{"t":"dog","b":1}"""));
        Assert.False(GbnfMatcher.Accepts(grammar, "1"));
        Assert.False(GbnfMatcher.Accepts(grammar, """{"b":1}"""));
    }

    [Theory]
    [InlineData("""
        {"$id": "T0", "type": "object", "properties": {"id": {"type": "string"}, "nodes": {"type": "array", "items": {"$ref": "T0"}}},
        "required": ["id", "nodes"], "additionalProperties": false}
        """)]
    [InlineData("""
        {"$id": "https://example.org/tree.json", "$ref": "tree.json#/$defs/T", "$defs": {"T": {"type": "object", "properties":
        {"id": {"type": "string"}, "nodes": {"items": {"$ref": "https://example.org/tree.json"}}}, "required": ["id", "nodes"]}}}
        """)]
    [InlineData("""
        {"$anchor": "T", "type": "object", "properties": {"id": {"type": "string"}, "nodes": {"items": {"$ref": "#T"}}},
        "required": ["id", "nodes"]}
        """)]
    [InlineData("""
        {"$dynamicAnchor": "T", "type": "object", "properties": {"id": {"type": "string"}, "nodes": {"items": {"$dynamicRef": "#T"}}},
        "required": ["id", "nodes"]}
        """)]
    [InlineData("""
        {"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"$id": "#T", "type": "object", "required": ["id", "nodes"],
        "properties": {"id": {"type": "string", "default": {"$id": "#T"}}, "nodes": {"items": {"$ref": "#T"}}}}}}
        """)]
    public void Reference_FindsASchema_ByItsName(string schema)
    {
        foreach (var grammar in new[] { Compiled(schema), Loose(schema) })
        {
            Assert.True(GbnfMatcher.Accepts(grammar, """{"id":"a","nodes":[{"id":"b","nodes":[]}]}"""));
            Assert.False(GbnfMatcher.Accepts(grammar, """{"id":"a","nodes":[true]}"""));
        }
    }

    [Theory]
    [InlineData("""{"anyOf": [{"$ref": "#T"}], "$defs": {"a": {"$anchor": "T"}, "b": {"$anchor": "T"}}}""", "$ref '#T'")]
    [InlineData("""{"anyOf": [{"$ref": "T"}], "$defs": {"a": {"$id": "x/T"}, "b": {"$id": "y/T"}}}""", "$ref 'T'")]
    [InlineData("""{"anyOf": [{"$ref": "T"}], "enum": [{"$id": "T"}], "properties": {"$id": {"const": "T"}}}""", "$ref 'T'")]
    [InlineData("""{"$id": "https://example.org/a.json", "anyOf": [{"$ref": "b.json#/$defs/A"}]}""", "$ref 'b.json#/$defs/A'")]
    public void Reference_IsRefused_WhereNoSchemaHasItsName_OrSeveral(string schema, string keyword) =>
        Assert.Equal(new GrammarResult.Unsupported("text.format.schema/anyOf/0", keyword), Compile(schema));

    [Theory]
    [InlineData("""
        {"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}}}
        """)]
    [InlineData("""{"type": "array", "items": {"$ref": "#"}, "minItems": 1}""")]
    [InlineData("""
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/B", "type": "object"}},
        "$defs": {"B": {"anyOf": [{"type": "object", "required": ["c"], "properties": {"c": {"$ref": "#"}}}]}}}
        """)]
    public void SchemaThatNeedsItself_IsInvalid(string schema) => Assert.IsType<GrammarResult.Invalid>(Compile(schema));

    /// <summary>A way that has no end is none: a model that took it could never answer.</summary>
    [Fact]
    public void WayWithoutAnEnd_IsNotAdmitted()
    {
        var grammar = Compiled("""
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/N"}, "b": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]},
            "c": {"$ref": "#/$defs/M"}}, "required": ["b"], "additionalProperties": false,
            "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]},
            "M": {"type": "object", "properties": {"m": {"anyOf": [{"$ref": "#/$defs/M"}, {"type": "null"}]}}, "required": ["m"]}}}
            """);
        Assert.True(GbnfMatcher.Accepts(grammar, """{"b":null}"""));
        Assert.True(GbnfMatcher.Accepts(grammar, """{"b":null,"c":{"m":{"m":null}}}"""));
        Assert.DoesNotContain("\"\\\"a\\\"\"", Text("""
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/N"}}, "additionalProperties": false,
            "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}}}
            """), StringComparison.Ordinal);
    }

    private static string Text(string schema) => Assert.IsType<GrammarResult.Compiled>(Compile(schema)).Grammar.ToString();

    private static GbnfGrammar Compiled(string schema) => GbnfGrammar.Parse(Text(schema));

    private static GbnfGrammar Loose(string schema)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        var loose = rules.Build(JsonSchemaGrammar.Write(rules, Encoding.UTF8.GetBytes(schema), "text.format.schema", isLoose: true));
        return GbnfGrammar.Parse(loose.ToString());
    }

    private static GrammarResult Compile(string schema) =>
        JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema), "text.format.schema");
}
