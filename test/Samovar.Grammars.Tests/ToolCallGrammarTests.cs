using System.Text;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

public sealed class ToolCallGrammarTests
{
    private const string Weather = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>";
    private const string Now = "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"any\": [1]}}\n</tool_call>";

    private static readonly ToolSignature[] Tools =
    [
        new("weather", """
            {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}
            """u8.ToArray(), IsStrict: true),
        new("now", ReadOnlyMemory<byte>.Empty, IsStrict: false),
    ];

    [Theory]
    [InlineData(true, Weather)]
    [InlineData(true, Now)]
    [InlineData(true, Weather + "\n" + Now + "\n" + Weather)]
    [InlineData(false, Weather + "\n" + Now + "\n" + Weather + "\n" + Now)]
    [InlineData(false, "")]
    [InlineData(false, "Sure. " + Weather)]
    [InlineData(false, Weather + Now)]
    [InlineData(false, "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": 1}}\n</tool_call>")]
    [InlineData(false, "<tool_call>\n{\"name\": \"other\", \"arguments\": {}}\n</tool_call>")]
    public void RequiredCalls_StandAlone(bool isAdmitted, string answer) =>
        Assert.Equal(isAdmitted, GbnfMatcher.Accepts(Grammar(new ToolCallDemand(AllowsText: false, NeedsCall: true, CallsMax: 3)), answer));

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "Just <b>text</b>, <tool_cal, é😀\n")]
    [InlineData(true, "Let me look.\n" + Weather)]
    [InlineData(true, "<tool_cal<<tool_call" + Weather)]
    [InlineData(true, Now)]
    [InlineData(false, "A <tool_call> in text")]
    [InlineData(false, Weather + "\n" + Now)]
    [InlineData(false, Weather + " and text")]
    public void FreeAnswer_MayCallOnce_AfterText(bool isAdmitted, string answer) =>
        Assert.Equal(isAdmitted, GbnfMatcher.Accepts(Grammar(new ToolCallDemand(AllowsText: true, NeedsCall: false, CallsMax: 1)), answer));

    [Fact]
    public void BracketedSyntax_KeepsCallsInOneList()
    {
        var syntax = new ToolCallSyntax("[TOOL_CALLS] [", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]", "[TOOL_CALLS]");
        var grammar = Grammar(new ToolCallDemand(AllowsText: true, NeedsCall: true, CallsMax: 2), syntax);
        const string One = "{\"name\": \"now\", \"arguments\": {}}";
        Assert.True(GbnfMatcher.Accepts(grammar, $"[TOOL_CALLS] [{One}]"));
        Assert.True(GbnfMatcher.Accepts(grammar, $"Yes [TOOL_CALLS] [{One}, {One}]"));
        Assert.False(GbnfMatcher.Accepts(grammar, $"[TOOL_CALLS] [{One}, {One}, {One}]"));
        Assert.False(GbnfMatcher.Accepts(grammar, "Yes"));
    }

    [Theory]
    [InlineData("\\[[^]]+\\]", "[a[b]", "[a]]")]
    [InlineData("[]x]{2}", "]x", "]")]
    [InlineData("[^]a]", "b", "]")]
    public void BracketThatStandsFirst_IsAMember_AsInPython(string regex, string fits, string other)
    {
        var tools = new[] { new ToolSignature("say", default, IsStrict: true, regex) };
        var result = ToolCallGrammar.Compile(
            tools, ToolCallSyntax.Hermes, new ToolCallDemand(false, true, 1), "tools", GrammarLimits.Default);
        var grammar = GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
        Assert.True(Accepts(fits));
        Assert.False(Accepts(other));

        bool Accepts(string text) => GbnfMatcher.Accepts(
            grammar, "<tool_call>\n{\"name\": \"say\", \"arguments\": {\"input\": \"" + text + "\"}}\n</tool_call>");
    }

    [Fact]
    public void ToolName_IsWrittenAsJson()
    {
        var tools = new[] { new ToolSignature("say \"hi\"", default, IsStrict: false) };
        var result = ToolCallGrammar.Compile(
            tools, ToolCallSyntax.Hermes, new ToolCallDemand(false, true, 1), "tools", GrammarLimits.Default);
        var grammar = GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
        Assert.True(GbnfMatcher.Accepts(grammar, "<tool_call>\n{\"name\": \"say \\\"hi\\\"\", \"arguments\": {}}\n</tool_call>"));
    }

    [Fact]
    public void FaultyParameters_AreNamed_WithTheirTool()
    {
        ToolSignature[] tools = [Tools[0], new("bad", Encoding.UTF8.GetBytes("""{"not": {}}"""), IsStrict: true)];
        var result = ToolCallGrammar.Compile(
            tools, ToolCallSyntax.Hermes, new ToolCallDemand(false, true, 1), "tools", GrammarLimits.Default);
        Assert.Equal(new GrammarResult.Unsupported("tools[1].parameters", "not"), result);
    }

    private static GbnfGrammar Grammar(ToolCallDemand demand, ToolCallSyntax? syntax = null)
    {
        var result = ToolCallGrammar.Compile(Tools, syntax ?? ToolCallSyntax.Hermes, demand, "tools", GrammarLimits.Default);
        return GbnfGrammar.Parse(Assert.IsType<GrammarResult.Compiled>(result).Grammar.ToString());
    }
}
