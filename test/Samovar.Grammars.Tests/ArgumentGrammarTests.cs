using System.Text;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

/// <summary>Arguments that are no JSON object are held to the schema in the form that a model knows.</summary>
public sealed class ArgumentGrammarTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "path": {"type": "string"},
            "mode": {"enum": ["read", "write", 3]},
            "lines": {"type": "array", "items": {"type": "integer"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "kind": {"$ref": "#/$defs/kind"}
          },
          "required": ["path", "lines"],
          "additionalProperties": false,
          "$defs": {"kind": {"type": "string", "pattern": "^[a-z]{2}$"}}
        }
        """;

    private static readonly ToolCallSyntax Marks = new(
        "", "<tool_call>\n<function=", "", "</function>\n</tool_call>", "\n", "", "<tool_call>")
    {
        Arguments = new ArgumentSyntax(
            ">\n", "<parameter=", ">\n", "\n</parameter>\n", ">\n", "\n</parameter>\n", "", "", TextsAreJson: false),
    };

    private static readonly ToolCallSyntax Python = new("[", "", "", "", ", ", "]", "[")
    {
        Arguments = new ArgumentSyntax("(", "", "=", "", "=", "", ", ", ")", TextsAreJson: true),
    };

    private static readonly ToolCallSyntax Quoted = new("", "<call>", "", "</call>", "", "", "<call>")
    {
        Arguments = new ArgumentSyntax("{", "", ":<q>", "<q>", ":", "", ",", "}", TextsAreJson: false),
    };

    [Theory]
    [InlineData("\"minLength\": 1", "a<b", "")]
    [InlineData("\"minLength\": 2", "ab</p", "a")]
    [InlineData("\"maxLength\": 12", "a/b>c", "more than twelve")]
    [InlineData("\"pattern\": \"^.+$\"", "a/b>c", "")]
    [InlineData("\"pattern\": \"^a<[b-d]\"", "a<c more", "b")]
    public void TextThatIsCounted_OrHasAPattern_EndsAtItsMark(string keyword, string fits, string other)
    {
        const string Object = """
            {
              "type": "object", "properties": {"t": {"type": "string", KEYWORD}, "n": {"type": "integer"}}, "required": ["t", "n"],
              "additionalProperties": false
            }
            """;
        var schema = Object.Replace("KEYWORD", keyword, StringComparison.Ordinal);
        var grammar = Grammar(Marks, new ToolSignature("edit", Encoding.UTF8.GetBytes(schema), IsStrict: true));
        Assert.True(Accepts(fits, "1"));
        Assert.False(Accepts(other, "1"));
        Assert.False(Accepts(fits + "\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=edit>\n<parameter=t>\nab", "1"));
        Assert.False(Accepts(fits, "one"));

        bool Accepts(string text, string number) => GbnfMatcher.Accepts(grammar, "<tool_call>\n<function=edit>\n<parameter=t>\n" + text
            + "\n</parameter>\n<parameter=n>\n" + number + "\n</parameter>\n</function>\n</tool_call>");
    }

    [Theory]
    [InlineData("path:a \"b\" <c>|lines:[1, 2]", true)]
    [InlineData("path:a|mode:read|lines:[]|note:null|kind:ab", true)]
    [InlineData("path:a|mode:3|lines:[]", true)]
    [InlineData("path:a|mode:delete|lines:[]", false)]
    [InlineData("path:a|lines:[\"x\"]", false)]
    [InlineData("path:a|lines:[]|kind:abc", false)]
    [InlineData("lines:[]", false)]
    [InlineData("path:a", false)]
    [InlineData("path:a|lines:[]|other:1", false)]
    [InlineData("path:</parameter>|lines:[]", false)]
    public void ArgumentsBetweenMarks_FollowTheSchema(string arguments, bool fits)
    {
        var text = new StringBuilder("<tool_call>\n<function=edit>\n");
        foreach (var one in arguments.Split('|'))
            text.Append($"<parameter={one.Split(':')[0]}>\n{one[(one.IndexOf(':') + 1)..]}\n</parameter>\n");
        Assert.Equal(fits, GbnfMatcher.Accepts(Grammar(Marks), text.Append("</function>\n</tool_call>").ToString()));
    }

    [Theory]
    [InlineData("[edit(path=\"a\\\"b\", lines=[1])]", true), InlineData("[edit(path=\"a\", mode=\"read\", lines=[], kind=\"ab\")]", true)]
    [InlineData("[edit(lines=[], path=\"a\")]", false), InlineData("[edit(path=\"a\",lines=[])]", false), InlineData("[edit()]", false)]
    public void KeywordArguments_FollowTheSchema(string written, bool fits) =>
        Assert.Equal(fits, GbnfMatcher.Accepts(Grammar(Python), written));

    [Theory]
    [InlineData("<call>edit{path:<q>a}, <b<q>,lines:[1]}</call>", true)]
    [InlineData("<call>edit{path:<q>a<q>,mode:3,lines:[]}</call>", true)]
    [InlineData("<call>edit{path:a,lines:[]}</call>", false)]
    [InlineData("<call>edit{path:<q>a<q>,mode:<q>3<q>,lines:[]}</call>", false)]
    public void BareObjects_FollowTheSchema(string written, bool fits) =>
        Assert.Equal(fits, GbnfMatcher.Accepts(Grammar(Quoted), written));

    /// <summary>Of one argument's schema: values that pass and values that do not; a text has a hyphen before it.</summary>
    [Theory]
    [InlineData("""{"allOf": [{"$ref": "#/$defs/Color"}], "description": "as pydantic writes"}""", "-red|-green", "-blue|-re|3")]
    [InlineData("""{"$ref": "#/$defs/Color", "description": "of it"}""", "-red", "-blue")]
    [InlineData("""{"$ref": "#/$defs/Level", "minimum": 3}""", "3|10", "2|11|-x")]
    [InlineData("""{"anyOf": [{"type": "string"}, {"type": "boolean"}], "maxLength": 3}""", "-abc|true", "-abcd")]
    [InlineData("""{"anyOf": [{"anyOf": [{"const": "a"}, {"type": "null"}]}, {"allOf": [{"$ref": "#/$defs/Color"}]}]}""",
        "-a|null|-red", "-b|3|-reda")]
    [InlineData("""{"anyOf": [{"$ref": "#/$defs/Color"}, {"type": "integer"}], "enum": ["red", 4]}""", "-red|4", "-green|5")]
    [InlineData("""{"type": "integer", "enum": ["a", 3]}""", "3", "-a")]
    [InlineData("""{"type": "string", "format": "date", "maxLength": 10}""", "-2026-11-30", "-today")]
    [InlineData("""{"type": "string", "format": "date-time", "maxLength": 5}""", "-today", "-tomorrow")]
    [InlineData("""{"$ref": "#/$defs/Tree"}""", """{}|{"kids":[{"kids":[]}]}""", """[]|{"kids":[1]}""")]
    public void SchemasThatReferOrJoin_AreHeldInFull(string value, string fits, string others)
    {
        const string Defs = """
            {
              "Color": {"type": "string", "enum": ["red", "green"]}, "Level": {"type": "integer", "maximum": 10},
              "Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
            }
            """;
        var schema = "{\"type\": \"object\", \"properties\": {\"v\": VALUE}, \"required\": [\"v\"], \"$defs\": DEFS}"
            .Replace("VALUE", value, StringComparison.Ordinal).Replace("DEFS", Defs, StringComparison.Ordinal);
        var (marks, quoted) = (Grammar(Marks, Tool(schema)), Grammar(Quoted, Tool(schema)));
        foreach (var one in fits.Split('|'))
            Assert.True(GbnfMatcher.Accepts(marks, Marked(one)) && GbnfMatcher.Accepts(quoted, InQuotes(one)), one);
        foreach (var one in others.Split('|'))
            Assert.False(GbnfMatcher.Accepts(marks, Marked(one)) || GbnfMatcher.Accepts(quoted, InQuotes(one)), one);
    }

    [Theory]
    [InlineData("""{"$ref": "#/$defs/A", "type": "object", "$defs": {"A": {"properties": {"v": {"type": "null"}}, "required": ["v"]}}}""",
        "null", "-x")]
    [InlineData("""{"allOf": [{"properties": {"v": {"type": "integer"}}}, {"required": ["v"]}]}""", "3", "-x")]
    [InlineData("""{"anyOf": [{"type": "object", "properties": {"v": {"const": "a"}}}], "required": ["v"]}""", "-a", "-b")]
    [InlineData("""{"type": "object", "required": ["v"]}""", "-any", null)]
    [InlineData("""{"required": ["v"], "additionalProperties": {"type": "boolean"}}""", "true", "-any")]
    public void WholeSchema_IsHeldInFull(string schema, string fits, string? other)
    {
        foreach (var (syntax, isMarks) in (IEnumerable<(ToolCallSyntax, bool)>)[(Marks, true), (Quoted, false)])
        {
            var grammar = Grammar(syntax, Tool(schema));
            Assert.True(GbnfMatcher.Accepts(grammar, isMarks ? Marked(fits) : InQuotes(fits)));
            Assert.False(other is not null && GbnfMatcher.Accepts(grammar, isMarks ? Marked(other) : InQuotes(other)));
            Assert.False(GbnfMatcher.Accepts(grammar, isMarks ? Marked(null) : InQuotes(null)));
        }
    }

    [Theory]
    [InlineData("""{"properties": {"v": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5}}}""", "pattern beside a length")]
    [InlineData("""{"properties": {"v": {"allOf": [{"pattern": "a"}, {"pattern": "b"}]}}}""", "pattern beside another pattern")]
    [InlineData("""{"properties": {"v": {"enum": ["a", "abc"], "minLength": 2}}}""", "enum or const beside other demands")]
    [InlineData("""{"enum": [{"v": 1}], "properties": {"v": {}}}""", "enum or const of all arguments")]
    [InlineData("""{"anyOf": [{"properties": {"v": {}}}, {"properties": {"w": {}}}]}""", "a choice of objects")]
    public void WhatCannotBeHeld_IsRefusedByName(string schema, string keyword)
    {
        foreach (var syntax in (ToolCallSyntax[])[Marks, Quoted])
            Assert.StartsWith(keyword, Assert.IsType<GrammarResult.Unsupported>(Compile(syntax, schema)).Keyword, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"properties": {"v": {"$ref": "#/$defs/D"}}, "$defs": {"D": {"allOf": [{"$ref": "#/$defs/D"}]}}}""")]
    [InlineData("""{"properties": {"v": {"$ref": "#/$defs/D"}}, "$defs": {"D": {"anyOf": [{"$ref": "#/$defs/D"}, {"type": "null"}]}}}""")]
    [InlineData("""{"$ref": "#"}""")]
    [InlineData("""{"type": "string"}""")]
    [InlineData("""{"required": ["v"], "additionalProperties": false}""")]
    public void SchemaThatNothingPasses_OrWithoutEnd_IsInvalid(string schema)
    {
        foreach (var syntax in (ToolCallSyntax[])[Marks, Quoted])
            Assert.IsType<GrammarResult.Invalid>(Compile(syntax, schema));
    }

    [Fact]
    public void BranchesThatDouble_AreBounded()
    {
        const string Twice = """ "THIS": {"type": ["string", "null"], "anyOf": [{"$ref": "#/$defs/NEXT"}, {"$ref": "#/$defs/NEXT"}]}, """;
        var definitions = string.Concat(Enumerable.Range(0, 40).Select(at => Twice
            .Replace("THIS", $"d{at}", StringComparison.Ordinal).Replace("NEXT", $"d{at + 1}", StringComparison.Ordinal)));
        var schema = """{"properties": {"v": {"$ref": "#/$defs/d0"}}, "$defs": {ALL "d40": {}}}"""
            .Replace("ALL", definitions, StringComparison.Ordinal);
        var refused = Assert.IsType<GrammarResult.Invalid>(Compile(Marks, schema, new GrammarLimits { StepsMax = 200_000 }));
        Assert.Contains("steps", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherTools_TakeAnyArguments()
    {
        var any = Grammar(Marks, new ToolSignature("edit", Encoding.UTF8.GetBytes(Schema), IsStrict: false));
        const string Odd = "<tool_call>\n<function=edit>\n<parameter=odd>\nany\n</parameter>\n</function>\n</tool_call>";
        Assert.True(GbnfMatcher.Accepts(any, Odd));
        Assert.True(GbnfMatcher.Accepts(any, "<tool_call>\n<function=edit>\n</function>\n</tool_call>"));
        Assert.False(GbnfMatcher.Accepts(any, "<tool_call>\n<function=edit>\n<parameter=odd>\nany\n</function>\n</tool_call>"));
    }

    [Fact]
    public void RegularExpression_HoldsThePlainText()
    {
        var input = """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}""";
        var held = Grammar(Marks, new ToolSignature("say", Encoding.UTF8.GetBytes(input), IsStrict: true, "\"[a-z]+\\\\\n"));
        const string Said = "<tool_call>\n<function=say>\n<parameter=input>\n{0}\n</parameter>\n</function>\n</tool_call>";
        Assert.True(GbnfMatcher.Accepts(held, Said.Replace("{0}", "\"ab\\\n", StringComparison.Ordinal)));
        Assert.False(GbnfMatcher.Accepts(held, Said.Replace("{0}", "\\\"ab\\\\\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void IdsAndNumbersAndNames_HaveTheirPlaces()
    {
        var syntax = new ToolCallSyntax(
            "", $"<a>{ToolCallSyntax.IdPlace}<b>", $" {ToolCallSyntax.NamePlace}:{ToolCallSyntax.NumberPlace}>", "</a>", "", "", "<a>");
        var grammar = Grammar(syntax, new ToolSignature("say", "{}"u8.ToArray(), IsStrict: false));
        Assert.True(GbnfMatcher.Accepts(grammar, "<a>abcDEF123<b>say say:12>{}</a>"));
        Assert.False(GbnfMatcher.Accepts(grammar, "<a>abc<b>say say:12>{}</a>"));
        Assert.False(GbnfMatcher.Accepts(grammar, "<a>abcDEF123<b>say other:12>{}</a>"));
    }

    [Fact]
    public void ChoiceOfObjects_IsRefusedByName()
    {
        var choice = new ToolSignature("edit", """{"anyOf":[{"type":"object"},{"type":"object"}]}"""u8.ToArray(), IsStrict: true);
        var refused = Assert.IsType<GrammarResult.Unsupported>(ToolCallGrammar.Compile(
            [choice], Marks, new ToolCallDemand(AllowsText: false, NeedsCall: true, 1), "tools", GrammarLimits.Default));
        Assert.StartsWith("tools[0].parameters", refused.Path, StringComparison.Ordinal);
    }

    private static ToolSignature Tool(string schema) => new("set", Encoding.UTF8.GetBytes(schema), IsStrict: true);

    private static string Marked(string? value) => "<tool_call>\n<function=set>\n"
        + (value is null ? "" : $"<parameter=v>\n{value.TrimStart('-')}\n</parameter>\n") + "</function>\n</tool_call>";

    private static string InQuotes(string? value) =>
        "<call>set{" + (value is null ? "" : value.StartsWith('-') ? $"v:<q>{value[1..]}<q>" : "v:" + value) + "}</call>";

    private static GrammarResult Compile(ToolCallSyntax syntax, string schema, GrammarLimits? limits = null) => ToolCallGrammar.Compile(
        [Tool(schema)], syntax, new ToolCallDemand(AllowsText: false, NeedsCall: true, 1), "tools", limits ?? GrammarLimits.Default);

    private static GbnfGrammar Grammar(ToolCallSyntax syntax, ToolSignature? tool = null)
    {
        var result = ToolCallGrammar.Compile(
            [tool ?? new ToolSignature("edit", Encoding.UTF8.GetBytes(Schema), IsStrict: true)], syntax,
            new ToolCallDemand(AllowsText: false, NeedsCall: true, 2), "tools", GrammarLimits.Default);
        return GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
    }
}
