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

    private static GbnfGrammar Grammar(ToolCallSyntax syntax, ToolSignature? tool = null)
    {
        var result = ToolCallGrammar.Compile(
            [tool ?? new ToolSignature("edit", Encoding.UTF8.GetBytes(Schema), IsStrict: true)], syntax,
            new ToolCallDemand(AllowsText: false, NeedsCall: true, 2), "tools", GrammarLimits.Default);
        return GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
    }
}
