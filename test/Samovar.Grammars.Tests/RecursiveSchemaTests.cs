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

    /// <summary>OpenAPI's own form with several subtypes: each is the base and what it adds.</summary>
    [Fact]
    public void SubtypesOfABaseThatIsOneOfThem_AreTheBaseAndWhatTheyAdd_WhereTheSchemaIsNotStrict()
    {
        const string Schema = """
            {"$ref": "#/$defs/Animal", "$defs": {"Animal": {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"},
            "friend": {"$ref": "#/$defs/Animal"}}, "oneOf": [{"$ref": "#/$defs/Dog"}, {"$ref": "#/$defs/Cat"}],
            "discriminator": {"propertyName": "t"}}, "Dog": {"allOf": [{"$ref": "#/$defs/Animal"}, {"type": "object",
            "properties": {"t": {"const": "dog"}, "b": {"type": "integer"}}, "required": ["b"]}]}, "Cat": {"allOf":
            [{"$ref": "#/$defs/Animal"}, {"type": "object", "properties": {"t": {"const": "cat"}, "c": {"type": "boolean"}}}]}}}
            """;
        Assert.Equal(SchemaHold.Loose, Hold(Schema));
        var grammar = Loose(Schema);
        Assert.True(GbnfMatcher.Accepts(grammar, """{"t":"dog","b":1}"""));
        Assert.True(GbnfMatcher.Accepts(grammar, """{"t":"cat","friend":{"t":"dog","b":2},"c":true}"""));
        Assert.False(GbnfMatcher.Accepts(grammar, """{"t":"dog"}"""));
        Assert.False(GbnfMatcher.Accepts(grammar, """{"t":"cat","b":1}"""));
        Assert.False(GbnfMatcher.Accepts(grammar, """{"t":"cat","friend":{"t":"dog"}}"""));
    }

    /// <summary>As .NET's exporter, Kotlin's and pydantic's write unions: the way round leads through a property.</summary>
    [Theory]
    [InlineData("""
        {"type": "object", "required": ["t"], "anyOf": [{"properties": {"t": {"const": "leaf"}, "n": {"type": "integer"}}},
        {"properties": {"t": {"const": "pair"}, "l": {"$ref": "#"}, "r": {"type": ["object", "null"], "$ref": "#"}}}]}
        """)]
    [InlineData("""
        {"$ref": "#/$defs/E", "$defs": {"E": {"oneOf": [{"$ref": "#/$defs/L"}, {"$ref": "#/$defs/P"}], "discriminator": {"propertyName":
        "t", "mapping": {"leaf": "#/$defs/L"}}}, "L": {"type": "object", "properties": {"t": {"const": "leaf"}, "n": {"type": "integer"}},
        "required": ["t"]}, "P": {"type": "object", "properties": {"t": {"const": "pair"}, "l": {"$ref": "#/$defs/E"},
        "r": {"oneOf": [{"$ref": "#/$defs/L"}, {"$ref": "#/$defs/P"}]}}, "required": ["t"]}}}
        """)]
    public void UnionThatComesRoundThroughAProperty_IsHeld(string schema)
    {
        foreach (var grammar in new[] { Compiled(schema), Loose(schema) })
        {
            Assert.True(GbnfMatcher.Accepts(grammar, """{"t":"pair","l":{"t":"leaf","n":1},"r":{"t":"pair"}}"""));
            Assert.False(GbnfMatcher.Accepts(grammar, """{"t":"pair","l":{"t":"leaf","n":"x"}}"""));
        }
    }

    /// <summary>No way round, but a way to the same base twice.</summary>
    [Fact]
    public void BaseOfTwoBases_IsJoinedOnce()
    {
        const string Schema = """
            {"allOf": [{"$ref": "#/$defs/B"}, {"$ref": "#/$defs/C"}], "$defs": {"A": {"type": "object", "properties":
            {"a": {"type": "integer"}}, "required": ["a"]},
            "B": {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"type": "null"}}}]},
            "C": {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"c": {"type": "null"}}}]}}}
            """;
        foreach (var grammar in new[] { Compiled(Schema), Loose(Schema) })
        {
            Assert.True(GbnfMatcher.Accepts(grammar, """{"a":1,"b":null,"c":null}"""));
            Assert.False(GbnfMatcher.Accepts(grammar, """{"b":null,"c":null}"""));
        }
    }

    /// <summary>By two names, by a chain, by itself, with something beside it: nothing is written between.</summary>
    [Theory]
    [InlineData("""
        {"properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$anchor": "a", "anyOf": [{"$ref": "#a"}, {"type": "null"}]}}}
        """)]
    [InlineData("""{"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}""")]
    [InlineData("""{"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$id": "A", "$ref": "A"}}}""")]
    [InlineData("""{"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": ["object", "null"], "$ref": "#/$defs/a"}}}""")]
    [InlineData("""{"properties": {"x": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}}""")]
    [InlineData("""{"properties": {"x": {"$ref": "#/properties/x"}}}""")]
    public void ReferenceThatComesRoundWithNothingBetween_AsksForNothing_WhereTheSchemaIsNotStrict(string schema)
    {
        var path = Compile(schema) switch
        {
            GrammarResult.Invalid invalid => invalid.Path,
            GrammarResult.Unsupported unsupported => unsupported.Path,
            _ => "",
        };
        Assert.StartsWith("text.format.schema/", path, StringComparison.Ordinal);
        Assert.Equal(SchemaHold.Loose, Hold(schema));
        var grammar = Loose(schema);
        Assert.True(GbnfMatcher.Accepts(grammar, """{"x":null}"""));
        Assert.False(GbnfMatcher.Accepts(grammar, "[]"));
    }

    [Fact]
    public void ReferenceOfTheDocumentToItself_AsksForNothing_WhereTheSchemaIsNotStrict() =>
        Assert.True(GbnfMatcher.Accepts(Loose("""{"$ref": "#"}"""), """{"a":[1]}"""));

    /// <summary>Twelve bases, each of which is one of all the others.</summary>
    [Fact]
    public void SchemaThatCostsTooMuch_IsHeldToItsType_WhereItIsNotStrict()
    {
        const string Base = """
            "BX": {"properties": {"pX": {"type": "null"}}, "anyOf": [OTHERS]}
            """;
        const string Other = """{"allOf": [{"$ref": "#/$defs/BX"}, {"type": "object"}]}""";
        var bases = Enumerable.Range(0, 12).Select(one => Numbered(Base, one).Replace(
            "OTHERS", string.Join(',', Enumerable.Range(0, 12).Where(other => other != one).Select(other => Numbered(Other, other))),
            StringComparison.Ordinal));
        Assert.Equal(SchemaHold.Type, Hold("""{"type": "object", "anyOf": [{"$ref": "#/$defs/B0"}], "$defs": {"""
            + string.Join(',', bases) + "}}"));

        static string Numbered(string text, int number) => text.Replace("X", $"{number}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "null", "enum": [1]}}, "required": ["a"]}""", "{}", "[]")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 2}""", "4", "[]")]
    [InlineData("""{"type": "array", "items": false, "minItems": 1}""", "[]", "{}")]
    [InlineData("""{"minItems": 3, "items": {"$ref": "#"}}""", "{}", "1")]
    public void SchemaWithoutAValue_IsHeldToItsType_WhereItIsNotStrict(string schema, string admits, string refuses)
    {
        Assert.IsType<GrammarResult.Invalid>(Compile(schema));
        Assert.Equal(SchemaHold.Type, Hold(schema));
        var rules = new GrammarRules(GrammarLimits.Default);
        var grammar = GbnfGrammar.Parse(rules.Build(JsonSchemaGrammar.WriteType(rules, Encoding.UTF8.GetBytes(schema))).ToString());
        Assert.True(GbnfMatcher.Accepts(grammar, admits));
        Assert.False(GbnfMatcher.Accepts(grammar, refuses));
    }

    /// <summary>A slip of the pen is told, whether the schema is strict or not.</summary>
    [Fact]
    public void MistakeInASchema_IsNoReasonToHoldLess() => Assert.Equal(SchemaHold.Whole, Hold("""{"type": "strin"}"""));

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

    private static SchemaHold Hold(string schema) => JsonSchemaGrammar.HoldOf(Encoding.UTF8.GetBytes(schema), "text.format.schema");

    private static GrammarResult Compile(string schema) =>
        JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema), "text.format.schema");
}
