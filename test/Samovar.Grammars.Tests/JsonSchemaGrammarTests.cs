using System.Text;
using System.Text.Json;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

public sealed class JsonSchemaGrammarTests
{
    public static IEnumerable<TheoryDataRow<string>> Schemas() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cases", "schemas.jsonl"))
            .Select(line => new TheoryDataRow<string>(line));

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Grammar_Admits_WhatTheSchemaAdmits(string recorded)
    {
        using var sample = JsonDocument.Parse(recorded);
        var grammar = Compiled(sample.RootElement.GetProperty("schema").GetRawText());
        foreach (var document in sample.RootElement.GetProperty("admits").EnumerateArray())
            Assert.True(GbnfMatcher.Accepts(grammar, document.GetString()!), "refused: " + document);
        foreach (var document in sample.RootElement.GetProperty("refuses").EnumerateArray())
            Assert.False(GbnfMatcher.Accepts(grammar, document.GetString()!), "admitted: " + document);
    }

    [Fact]
    public void NumberBeyondReckoning_IsRefused_WhereItWouldHaveToBeCompared()
    {
        var schema = """{"allOf": [{"enum": [1e99999999999]}, {"enum": [10e99999999998]}]}"""u8.ToArray();
        Assert.Equal("tools[0]", Assert.IsType<GrammarResult.Invalid>(JsonSchemaGrammar.Compile(schema, "tools[0]")).Path);
    }

    [Theory]
    [InlineData("^[a-z]+$", "abc", "!", "!Abc", "!ab1")]
    [InlineData("^\\d{3}-\\d{4}$", "123-4567", "!123-456", "!x123-4567")]
    [InlineData("^(cat|dog)s?$", "cat", "dogs", "!bird", "!catss")]
    [InlineData("b+", "b", "abba", "!aca")]
    [InlineData("^a|b$", "ax", "xb", "!xa", "!bx")]
    [InlineData("^[^x-z]{2,}$", "ab", "\"a", "\\n", "!ax", "!a")]
    [InlineData("^a.c$", "abc", "a\"c", "a\\c", "!a\nc", "!ac")]
    [InlineData("^[\\w.-]+@\\S+$", "a.b-c@d", "!a b@c")]
    [InlineData("^\\\\[\"/]$", "\\\"", "\\/", "!\\x")]
    [InlineData("^(?:a(?<n>b)*?)+$", "abbab", "!b")]
    [InlineData("^\\u00e9\\x41😀$", "éA😀", "!eA😀")]
    [InlineData("^$", "", "!a")]
    [InlineData("^[^]]$", "a]", "!a", "!]a")] // a class that is empty has all outside of it: as ECMAScript reads it
    [InlineData("^a{0}b$", "b", "!ab")]
    public void Pattern_HoldsTheText(string pattern, params string[] texts)
    {
        var grammar = Compiled($$"""{"type": "string", "pattern": {{CanonicalJson.Quote(pattern)}}}""");
        foreach (var text in texts)
        {
            var isRefused = text.StartsWith('!');
            Assert.True(GbnfMatcher.Accepts(grammar, CanonicalJson.Quote(isRefused ? text[1..] : text)) != isRefused, text);
        }
    }

    [Theory]
    [InlineData("\"format\": \"uuid\", \"minLength\": 36, \"maxLength\": 36", "123e4567-e89b-12d3-a456-426614174000", "!abc")]
    [InlineData("\"format\": \"date\", \"maxLength\": 10", "2026-11-30", "!30.11.")]
    [InlineData("\"format\": \"email\", \"minLength\": 1, \"maxLength\": 255", "a@b.co", "!a.b.co")]
    [InlineData("\"format\": \"date-time\", \"minLength\": 20", "2026-11-30T12:00:00Z", "!2026-11-30 at twelve")]
    [InlineData("\"format\": \"date-time\", \"maxLength\": 25", "2026-11-30T12:00:00+01:00", "at noon", "!2026-11-30T12:00:00.0+01:00")]
    [InlineData("\"format\": \"ipv4\", \"minLength\": 8", "10.0.0.10", "somewhere", "!1.1.1.1")]
    [InlineData("\"format\": \"date\", \"pattern\": \"^2\"", "2026-11-30", "2", "!1999-11-30")]
    [InlineData("\"format\": \"colour\", \"maxLength\": 4", "blue", "!green")]
    public void FormatBesideALength_IsHeld_WhereItsTextsHaveThatLength(string keywords, params string[] texts)
    {
        var grammar = Compiled("{\"type\": \"string\", " + keywords + "}");
        foreach (var text in texts)
        {
            var isRefused = text.StartsWith('!');
            Assert.True(GbnfMatcher.Accepts(grammar, CanonicalJson.Quote(isRefused ? text[1..] : text)) != isRefused, text);
        }
    }

    [Theory]
    [InlineData("time", 9, "00:00:00Z", "00:00:00.123456789+00:00")]
    [InlineData("date-time", 20, "2026-11-30T00:00:00Z", "2026-11-30T00:00:00.123456789+00:00")]
    [InlineData("ipv4", 7, "1.1.1.1", "255.255.255.255")]
    [InlineData("email", 6, "a@a.aa", "NAME.NAME.NAME.NAME@LABEL.LABEL.LABEL.LABEL.TOP")]
    public void ShapeOfAFormat_IsAsLongAsItSays(string format, int least, string shortest, string longest)
    {
        longest = longest.Replace("NAME", new string('n', 16), StringComparison.Ordinal)
            .Replace("LABEL", new string('l', 32), StringComparison.Ordinal).Replace("TOP", new string('t', 24), StringComparison.Ordinal);
        Assert.Equal(least, shortest.Length);
        var schema = $"{{\"type\": \"string\", \"format\": \"{format}\", \"minLength\": {least}, \"maxLength\": {longest.Length}}}";
        var held = Compiled(schema);
        Assert.True(GbnfMatcher.Accepts(held, CanonicalJson.Quote(shortest)));
        Assert.True(GbnfMatcher.Accepts(held, CanonicalJson.Quote(longest)));
        Assert.False(GbnfMatcher.Accepts(held, CanonicalJson.Quote(new string('!', least))));
        Assert.False(GbnfMatcher.Accepts(held, CanonicalJson.Quote(longest + "t")));
        foreach (var other in (string[])[schema.Replace($": {least},", $": {least + 1},", StringComparison.Ordinal),
            schema.Replace($": {longest.Length}}}", $": {longest.Length - 1}}}", StringComparison.Ordinal)])
            Assert.True(GbnfMatcher.Accepts(Compiled(other), CanonicalJson.Quote(new string('!', least + 1))), other);
    }

    [Theory]
    [InlineData("""{"type": "object", "properties": {"a": {"not": {}}}}""", "text.format.schema/properties/a", "not")]
    [InlineData("""{"type": "array", "uniqueItems": true}""", "text.format.schema", "uniqueItems")]
    [InlineData("""{"type": "object", "patternProperties": {}}""", "text.format.schema", "patternProperties")]
    [InlineData("""{"type": "string", "pattern": "(?=a)b"}""", "text.format.schema", "pattern '(?=a)b'")]
    [InlineData("""{"type": "string", "pattern": "(a)\\1"}""", "text.format.schema", "pattern '(a)\\1'")]
    [InlineData("""{"type": "string", "pattern": "\\bword"}""", "text.format.schema", "pattern '\\bword'")]
    [InlineData("""{"type": "string", "pattern": "(a*)*"}""", "text.format.schema", "pattern '(a*)*'")]
    [InlineData("""{"type": "string", "pattern": "a", "minLength": 2}""", "text.format.schema", "pattern beside a length")]
    [InlineData("""{"$ref": "https://example.org/s.json"}""", "text.format.schema", "$ref 'https://example.org/s.json'")]
    [InlineData("""{"enum": ["a", "abc"], "minLength": 2}""", "text.format.schema", "enum or const beside other demands than a type")]
    [InlineData("""{"type": "integer", "multipleOf": 5}""", "text.format.schema", "multipleOf")]
    [InlineData("""{"minLength": 4294967295}""", "text.format.schema", "minLength of more than 1999000")]
    [InlineData("""{"items": {"minItems": 2147483647}}""", "text.format.schema/items", "minItems of more than 1999000")]
    [InlineData("""{"type": "number", "minimum": 1e40}""", "text.format.schema", "minimum of more than 18 digits")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0, "maximum": 1e-300}""", "text.format.schema",
        "limits nearer to zero than numbers are written")]
    [InlineData("""{"type": "array", "prefixItems": [{}], "anyOf": [{"type": "array"}], "unevaluatedItems": false}""",
        "text.format.schema", "unevaluatedItems")]
    public void UnknownDemand_IsRefused_ByName(string schema, string path, string keyword) =>
        Assert.Equal(new GrammarResult.Unsupported(path, keyword), Compile(schema));

    /// <summary>What is beyond grammars is left free where the schema need not be followed to the letter, and nothing else is.</summary>
    [Theory]
    [InlineData("""{"type": "object", "minProperties": 1, "maxProperties": 2}""", "[]")]
    [InlineData("""{"properties": {"v": {"type": "array", "uniqueItems": true, "items": {"type": "null"}}}}""", """{"v":[1]}""")]
    [InlineData("""{"properties": {"v": {"type": "number", "multipleOf": 0.5}, "n": {"type": "null"}}}""", """{"v":"x"}""")]
    [InlineData("""{"properties": {"v": {"type": "number", "multipleOf": 0.5}, "n": {"type": "null"}}}""", """{"n":1}""")]
    [InlineData("""{"properties": {"v": {"multipleOf": 0.03, "type": "number"}}}""", """{"v":true}""")]
    [InlineData("""{"properties": {"v": {"type": "string", "pattern": "(?=a)b"}}}""", """{"v":2}""")]
    [InlineData("""{"properties": {"v": {"enum": ["a", "abc"], "minLength": 2}}}""", """{"v":"b"}""")]
    [InlineData("""{"properties": {"v": {"$ref": "https://example.org/s.json"}, "n": {"type": "null"}}}""", """{"n":1}""")]
    [InlineData("""{"properties": {"v": {"$ref": "#/$defs/A"}, "w": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "null", "not": {}}}}""",
        """{"v":null,"w":1}""")]
    [InlineData("""{"properties": {"v": {"anyOf": [{"type": "null"}], "oneOf": [{"type": "null"}]}}}""", """{"v":1}""")]
    [InlineData("""{"patternProperties": {"^x": {"type": "null"}}, "type": "object", "properties": {"v": {"type": "null"}}}""",
        """{"v":1}""")]
    [InlineData("""{"type": "object", "properties": {"kind": {}, "size": {}}, "additionalProperties": false, "if": {}, "then": {}}""",
        """{"kind":1,"x":1}""")]
    [InlineData("""{"properties": {"a": {}}, "unevaluatedProperties": false, "anyOf": [{"type": "object"}]}""", """{"b":1}""")]
    [InlineData("""{"type": "object", "properties": {"a": {"minLength": 4294967295}}, "additionalProperties": false}""", """{"b":1}""")]
    [InlineData("""{"properties": {"a": {"type": "array", "minItems": 2147483647}}}""", """{"a":1}""")]
    [InlineData("""{"properties": {"a": {"type": "number", "minimum": 1e40}, "n": {"type": "null"}}}""", """{"n":1}""")]
    [InlineData("""{"properties": {"a": {"type": "number", "exclusiveMinimum": 0, "maximum": 1e-300}}}""", """{"a":[]}""")]
    public void DemandBeyondGrammars_IsLeftFree_WhereTheSchemaIsNotStrict(string schema, string refused)
    {
        Assert.IsType<GrammarResult.Unsupported>(Compile(schema));
        var grammar = Loose(schema);
        Assert.True(GbnfMatcher.Accepts(grammar, "{}"));
        Assert.False(GbnfMatcher.Accepts(grammar, refused));
    }

    /// <summary>Of demands that no rule joins one is held, and all that stands beside them.</summary>
    [Theory]
    [InlineData("""
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"enum": ["x"]}}, "required": ["a", "b"],
        "additionalProperties": false, "allOf": [{"anyOf": [{"required": ["a"]}]}, {"anyOf": [{"required": ["b"]}]}]}
        """, """{"a":1,"b":"x"}""", """{"c":1}""", """{"a":1}""", """{"a":1,"b":"y"}""")]
    [InlineData("""
        {"type": "object", "allOf": [{"properties": {"a": {"type": "string", "pattern": "^x"}}},
        {"properties": {"a": {"type": "string", "pattern": "y$"}, "b": {"type": "null"}}, "required": ["a"]}]}
        """, """{"a":"xy","b":null}""", """{"b":null}""", """{"a":1}""", """{"a":"y"}""")]
    [InlineData("""
        {"allOf": [{"properties": {"a": {"$ref": "#/$defs/I"}}}, {"properties": {"a": {"$ref": "#/$defs/J"}}, "required": ["a"]}],
        "$defs": {"I": {"type": "integer"}, "J": {"maximum": 3}}}
        """, """{"a":1}""", "{}", """{"a":"x"}""", "1")]
    public void DemandsThatClash_CostNothingBesideThem_WhereTheSchemaIsNotStrict(string schema, string admitted, params string[] refused)
    {
        Assert.IsType<GrammarResult.Unsupported>(Compile(schema));
        var grammar = Loose(schema);
        Assert.True(GbnfMatcher.Accepts(grammar, admitted));
        foreach (var text in refused) Assert.False(GbnfMatcher.Accepts(grammar, text), text);
    }

    /// <summary>A keyword that is left out may be what allows a property at all: none is forbidden for want of it.</summary>
    [Theory]
    [InlineData("""{"type": "object", "patternProperties": {"^[a-z]+$": {"type": "integer"}}, "additionalProperties": false}""",
        """{"abc":1}""")]
    [InlineData("""{"type": "object", "patternProperties": {"^x": {}}, "additionalProperties": false, "required": ["x"]}""",
        """{"x":1}""")]
    [InlineData("""{"properties": {"kind": {"type": "string"}}, "if": {}, "then": {"properties": {"size": {}}, "required": ["size"]}}""",
        """{"kind":"a","size":1}""")]
    [InlineData("""{"type": "object", "patternProperties": {"^s_": {"type": "string"}}, "additionalProperties": {"type": "integer"}}""",
        """{"s_a":"t"}""")]
    [InlineData("""
        {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node", "unevaluatedProperties": false}}}},
        "$ref": "#/$defs/node"}
        """, """{"next":{"next":{}}}""")]
    public void PropertiesThatAKeywordBeyondGrammarsAllows_AreAdmitted_WhereTheSchemaIsNotStrict(string schema, string admitted) =>
        Assert.True(GbnfMatcher.Accepts(Loose(schema), admitted));

    [Theory]
    [InlineData("""{"type": "strin"}""", "text.format.schema/type")]
    [InlineData("""{"type": "object", "properties": {"a": 1}}""", "text.format.schema/properties/a")]
    [InlineData("""{"$ref": "#/$defs/none"}""", "text.format.schema")]
    [InlineData("""{"$ref": "#"}""", "text.format.schema")]
    [InlineData("""{"anyOf": [{"$ref": "#"}, {"type": "null"}]}""", "text.format.schema/anyOf/0")]
    [InlineData("""{"allOf": [{"$ref": "#"}]}""", null)]
    [InlineData("""{"type": "string", "enum": [1]}""", "text.format.schema")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 2}""", "text.format.schema")]
    [InlineData("""{"type": "object", "required": ["a"], "additionalProperties": false}""", "text.format.schema")]
    [InlineData("""{"allOf": [{"type": "string"}, {"type": "integer"}]}""", "text.format.schema")]
    [InlineData("""{"minLength": -1}""", "text.format.schema/minLength")]
    [InlineData("""{"required": ["a", 1]}""", "text.format.schema/required")]
    [InlineData("""{"anyOf": []}""", "text.format.schema/anyOf")]
    [InlineData("false", "text.format.schema")]
    [InlineData("[]", "text.format.schema")]
    [InlineData("{", "text.format.schema")]
    public void BadSchema_IsInvalid_AtItsPlace(string schema, string? path)
    {
        var invalid = Assert.IsType<GrammarResult.Invalid>(Compile(schema));
        if (path is not null)
            Assert.Equal(path, invalid.Path);
        Assert.NotEmpty(invalid.Reason);
    }

    [Fact]
    public void LargeCounts_StayExact()
    {
        var grammar = Compiled("""{"type": "string", "minLength": 2100, "maxLength": 5000}""");
        foreach (var (length, isAdmitted) in new[] { (2099, false), (2100, true), (3500, true), (4999, true), (5000, true), (5001, false) })
            Assert.Equal(isAdmitted, GbnfMatcher.Accepts(grammar, '"' + new string('x', length) + '"'));
    }

    [Fact]
    public void Schema_IsBounded()
    {
        var limits = new GrammarLimits { SchemaBytesMax = 100, DepthMax = 10, RulesMax = 40, CharsMax = 1000 };
        Assert.IsType<GrammarResult.Invalid>(Compile("{\"description\": \"" + new string('x', 100) + "\"}", limits));
        Assert.IsType<GrammarResult.Invalid>(Compile(
            string.Concat(Enumerable.Repeat("{\"items\":", 12)) + "{}" + new string('}', 12), limits with { SchemaBytesMax = 1000 }));
        var properties = string.Join(',', Enumerable.Range(0, 30).Select(at => $"\"p{at}\": {{}}"));
        Assert.IsType<GrammarResult.Invalid>(Compile($"{{\"properties\": {{{properties}}}}}", limits with { SchemaBytesMax = 10_000 }));
        Assert.IsType<GrammarResult.Compiled>(Compile($"{{\"properties\": {{{properties}}}}}", GrammarLimits.Default));
    }

    [Fact]
    public void AnyObject_IsAnyJsonObject()
    {
        var grammar = GbnfGrammar.Parse(JsonSchemaGrammar.AnyObject().ToString());
        Assert.True(GbnfMatcher.Accepts(grammar, "{\"a\": [1, \"x\", {}], \"b\": null}"));
        Assert.False(GbnfMatcher.Accepts(grammar, "[1]"));
    }

    private static GbnfGrammar Loose(string schema)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        var loose = rules.Build(JsonSchemaGrammar.Write(rules, Encoding.UTF8.GetBytes(schema), "text.format.schema", isLoose: true));
        return GbnfGrammar.Parse(loose.ToString());
    }

    private static GrammarResult Compile(string schema, GrammarLimits? limits = null) =>
        JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema), "text.format.schema", limits ?? GrammarLimits.Default);

    private static GbnfGrammar Compiled(string schema) =>
        GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(Compile(schema)).Grammar.ToString());
}
