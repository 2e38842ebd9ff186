using System.Text;
using Samovar.Grammars;

namespace Samovar.Tests.Grammars;

public sealed class JsonSchemaGrammarTests
{
    private const string Person = """
        {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}},
         "required": ["name"], "additionalProperties": false}
        """;

    private const string Tree = """
        {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"value": {"type": "integer"},
         "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["value", "next"], "additionalProperties": false}}}
        """;

    private const string Shapes = """
        {"anyOf": [{"type": "object", "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}, "required": ["kind", "r"]},
                   {"type": "object", "properties": {"kind": {"const": "dot"}}, "required": ["kind"]}]}
        """;

    private const string Merged = """
        {"allOf": [{"$ref": "#/$defs/a"}, {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}],
         "$defs": {"a": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"minimum": 3}}, "required": ["a"]}}}
        """;

    [Theory]
    [InlineData("""{"type": "string"}""", "\"\"", "\"a\\n\\u0041\\\"é😀\"", "!1", "!\"a", "!\"\\x\"", "!\"\n\"", "!\"\\ud83d\"")]
    [InlineData("""{"type": "integer"}""", "0", "-1", "120", "!1.5", "!01", "!-", "!1e3", "!\"1\"")]
    [InlineData("""{"type": "number"}""", "0", "-1.50", "1e10", "2E-3", "!.5", "!1.", "!+1", "!NaN")]
    [InlineData("""{"type": "boolean"}""", "true", "false", "!null", "!True")]
    [InlineData("""{"type": "null"}""", "null", "!0")]
    [InlineData("""{"type": ["string", "null"]}""", "\"a\"", "null", "!1")]
    [InlineData("""{"type": "string", "nullable": true}""", "\"a\"", "null", "!1")]
    [InlineData("""{}""", "1", "{\"a\": [1, {\"b\": null}]}", "[]", "{}", "!", "!{a: 1}", "![1,]", "!{\"a\":1,}")]
    [InlineData("true", "1", "{}", "!nope")]
    [InlineData("""{"enum": ["a", 1, null, {"k": [1]}, "q\"é"]}""", "\"a\"", "1", "null", "{\"k\":[1]}", "\"q\\\"é\"", "!\"b\"", "!2")]
    [InlineData("""{"type": "string", "enum": ["a", 1]}""", "\"a\"", "!1")]
    [InlineData("""{"const": "x"}""", "\"x\"", "!\"y\"")]
    [InlineData("""{"enum": [1, 2, 3], "const": 2}""", "2", "!1")]
    [InlineData(Person, "{\"name\":\"A\"}", "{\"name\": \"A\", \"age\": 3}", "{ \"name\" : \"A\" , \"tags\" : [ ] }", "{\n  \"name\": \"A\",\n  \"age\": 1,\n  \"tags\": [\"x\", \"y\"]\n}",
        "!{}", "!{\"age\": 3}", "!{\"name\": 1}", "!{\"name\": \"A\", \"x\": 1}", "!{\"name\": \"A\",}", "!{\"name\": \"A\"} ", "!{\"name\":   \"A\"}")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "c": {"type": "integer"}}, "additionalProperties": false}""",
        "{}", "{\"a\":1}", "{\"b\":1}", "{\"c\":1}", "{\"a\":1,\"c\":1}", "{\"a\":1,\"b\":1,\"c\":1}", "!{\"a\":1,\"a\":1}", "!{\"d\":1}", "!{,\"a\":1}")]
    [InlineData("""{"type": "object"}""", "{}", "{\"x\":{}}", "![]")]
    [InlineData("""{"type": "object", "additionalProperties": false}""", "{}", "{ }", "!{\"x\":1}")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "integer"}}""", "{}", "{\"x\":1,\"y\":2}", "!{\"x\":\"1\"}")]
    [InlineData("""{"type": "object", "properties": {"ab": {"type": "integer"}, "ac": {}, "a\"b": {}}, "required": ["ab"], "additionalProperties": {"type": "string"}}""",
        "{\"ab\":1}", "{\"ab\":1,\"x\":\"s\"}", "{\"ab\":1,\"a\":\"s\",\"abc\":\"s\"}", "{\"ab\":1,\"ac\":null,\"\":\"s\"}", "{\"ab\":1,\"a\\\"b\":2}",
        "!{\"ab\":\"s\"}", "!{\"ab\":1,\"x\":1}", "!{\"ab\":1,\"ab\":\"s\"}", "!{\"ab\":1,\"\\u0061b\":\"s\"}", "!{\"ab\":1,\"a\\\":\"s\"}")]
    [InlineData("""{"type": "object", "required": ["z"]}""", "{\"z\":[1]}", "!{}")]
    [InlineData("""{"properties": {"x": {"type": "null"}}}""", "{\"x\":null}", "{}", "!1")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}}""", "[]", "[1]", "[1, 2,3]", "![\"a\"]", "![1 2]", "![,1]")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}""", "[1,2]", "[1,2,3]", "![1]", "![]", "![1,2,3,4]")]
    [InlineData("""{"type": "array", "maxItems": 0}""", "[]", "![1]")]
    [InlineData("""{"type": "array", "maxItems": 1, "items": {"type": "null"}}""", "[]", "[null]", "![null,null]")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}""", "[]", "[\"a\"]", "[\"a\",1]", "![1]", "![\"a\",1,2]")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": {"type": "null"}, "minItems": 1, "maxItems": 4}""",
        "[\"a\"]", "[\"a\",1]", "[\"a\",1,null,null]", "![]", "![\"a\",null]", "![\"a\",1,null,null,null]")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 3}""", "[\"a\",1,{}]", "![\"a\",1]")]
    [InlineData("""{"type": "string", "minLength": 2, "maxLength": 3}""", "\"ab\"", "\"añ😀\"", "\"a\\n\"", "!\"a\"", "!\"abcd\"")]
    [InlineData("""{"type": "integer", "minimum": 0}""", "0", "7", "99999", "!-1")]
    [InlineData("""{"type": "integer", "minimum": 7, "maximum": 120}""", "7", "9", "10", "99", "100", "119", "120", "!6", "!121", "!0", "!200", "!1000", "!-7")]
    [InlineData("""{"type": "integer", "exclusiveMinimum": -3, "exclusiveMaximum": 2}""", "-2", "-1", "0", "1", "!-3", "!2", "!-0")]
    [InlineData("""{"type": "integer", "maximum": -5}""", "-5", "-100", "!-4", "!5", "!0")]
    [InlineData("""{"type": "integer", "minimum": 1.5, "maximum": 3.5}""", "2", "3", "!1", "!4")]
    [InlineData("""{"type": "number", "minimum": 0, "maximum": 1}""", "0", "0.5", "1", "1.0", "!1.1", "!-0.5", "!2")]
    [InlineData("""{"type": "number", "minimum": -180, "exclusiveMaximum": 180}""", "-180", "-180.0", "-179.99", "0", "179.9", "!180", "!-180.1", "!200")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0}""", "0.1", "1", "12.5", "!0", "!-1", "!0.0")]
    [InlineData(Tree, "{\"value\":1,\"next\":null}", "{\"value\":1,\"next\":{\"value\":2,\"next\":null}}", "!{\"value\":1}", "!{\"value\":1,\"next\":1}")]
    [InlineData("""{"type": "array", "items": {"$ref": "#"}}""", "[]", "[[],[[]]]", "![1]")]
    [InlineData(Shapes, "{\"kind\":\"circle\",\"r\":2}", "{\"kind\":\"dot\"}", "!{\"kind\":\"circle\"}", "!{\"kind\":\"x\"}")]
    [InlineData(Merged, "{\"a\":\"s\",\"b\":3}", "!{\"a\":\"s\",\"b\":2}", "!{\"a\":\"s\"}", "!{\"b\":3}")]
    [InlineData("""{"oneOf": [{"type": "integer"}, {"type": "string"}], "description": "either"}""", "1", "\"a\"", "!null")]
    [InlineData("""{"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}""", "{\"a\":1}", "{\"b\":1}", "!{}")]
    [InlineData("""{"$ref": "#/definitions/x~1y", "minimum": 5, "definitions": {"x/y": {"type": "integer"}}}""", "5", "!4")]
    [InlineData("""{"type": "string", "format": "date"}""", "\"2026-03-09\"", "!\"2026-13-09\"", "!\"2026-3-9\"")]
    [InlineData("""{"type": "string", "format": "time"}""", "\"14:05:07Z\"", "\"14:05:07.123+02:00\"", "!\"25:00:00Z\"", "!\"14:05\"")]
    [InlineData("""{"type": "string", "format": "date-time"}""", "\"2026-03-09T14:05:07Z\"", "!\"2026-03-09\"")]
    [InlineData("""{"type": "string", "format": "uuid"}""", "\"123e4567-e89b-12d3-a456-426614174000\"", "!\"123e4567\"")]
    [InlineData("""{"type": "string", "format": "email"}""", "\"a.b+c@ex-ample.org\"", "!\"a@b\"", "!\"@b.c\"", "!\"a b@c.de\"")]
    [InlineData("""{"type": "string", "format": "ipv4"}""", "\"192.168.0.255\"", "!\"256.1.1.1\"", "!\"1.1.1\"")]
    [InlineData("""{"type": "string", "format": "tea-strength"}""", "\"any\"", "!1")]
    public void Grammar_Admits_WhatTheSchemaAdmits(string schema, params string[] documents)
    {
        var grammar = Compiled(schema);
        foreach (var document in documents)
        {
            var isRefused = document.StartsWith('!');
            Assert.True(GbnfMatcher.Accepts(grammar, isRefused ? document[1..] : document) != isRefused, document);
        }
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
    [InlineData("""{"type": "object", "properties": {"a": {"not": {}}}}""", "text.format.schema/properties/a", "not")]
    [InlineData("""{"type": "array", "uniqueItems": true}""", "text.format.schema", "uniqueItems")]
    [InlineData("""{"type": "object", "patternProperties": {}}""", "text.format.schema", "patternProperties")]
    [InlineData("""{"type": "number", "minimum": 0.5}""", "text.format.schema", "minimum with a fraction")]
    [InlineData("""{"type": "string", "pattern": "(?=a)b"}""", "text.format.schema", "pattern '(?=a)b'")]
    [InlineData("""{"type": "string", "pattern": "(a)\\1"}""", "text.format.schema", "pattern '(a)\\1'")]
    [InlineData("""{"type": "string", "pattern": "\\bword"}""", "text.format.schema", "pattern '\\bword'")]
    [InlineData("""{"type": "string", "pattern": "(a*)*"}""", "text.format.schema", "pattern '(a*)*'")]
    [InlineData("""{"type": "string", "pattern": "a", "minLength": 2}""", "text.format.schema", "pattern beside a length")]
    [InlineData("""{"$ref": "https://example.org/s.json"}""", "text.format.schema", "$ref 'https://example.org/s.json'")]
    [InlineData("""{"enum": ["a", "abc"], "minLength": 2}""", "text.format.schema", "enum or const beside other demands than a type")]
    [InlineData("""{"type": "integer", "multipleOf": 5}""", "text.format.schema", "multipleOf")]
    public void UnknownDemand_IsRefused_ByName(string schema, string path, string keyword) =>
        Assert.Equal(new GrammarResult.Unsupported(path, keyword), Compile(schema));

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

    private static GrammarResult Compile(string schema, GrammarLimits? limits = null) =>
        JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema), "text.format.schema", limits ?? GrammarLimits.Default);

    private static GbnfGrammar Compiled(string schema) =>
        GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(Compile(schema)).Grammar.ToString());
}
