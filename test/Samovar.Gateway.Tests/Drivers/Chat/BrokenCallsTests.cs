using System.Text.Json;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>A call whose arguments are no JSON is mended, or told as one that is not whole: never as another call.</summary>
public sealed class BrokenCallsTests
{
    [Fact]
    public async Task BackslashThatEscapesNothing_IsOneOfTheText() => Assert.Equal("""look({"q":"rm -rf /tmp/\\x y"}) | completed""",
        await PlayAsync(Call(0, "a", "look", """{"q":"rm -rf /tmp/\x y"}"""), End("tool_calls")));

    [Theory]
    [InlineData("""{"q":"say "hi" now"}""", """!look({"q":"say ")""")]
    [InlineData("""{"q":{a:1}}""", """!look({"q":{)""")]
    [InlineData("""{"q":"x"]""", """!look({"q":"x")""")]
    public async Task CallThatNobodyCanRead_IsIncomplete(string arguments, string expected) => Assert.Equal(
        $"{expected} | incomplete (max_output_tokens)", await PlayAsync(Call(0, "a", "look", arguments), End("tool_calls")));

    [Fact]
    public async Task BrokenCall_LeavesTheCallsBesideItWhole() => Assert.Equal(
        """!look({"q":{) | add({"a":1}) | incomplete (max_output_tokens)""", await PlayAsync(
            Call(0, "a", "look", """{"q":{a"""), Call(1, "b", "add", """{"a":"""), Call(0, null, null, ":1}}"), Call(1, null, null, "1}"),
            End("tool_calls")));

    /// <summary>Where nothing has an id or a number, arguments of their own tell that it is another call.</summary>
    [Fact]
    public async Task BrokenCall_DoesNotSwallowTheNext()
    {
        const string expected = """!look({"q":"x") | look({"q":"y"}) | incomplete (max_output_tokens)""";
        const string broken = """{"q":"x"]""", whole = """{"q":"y"}""";
        Assert.Equal(expected, await PlayAsync(
            Call(0, null, "look", broken), Call(0, null, "look", whole), End("tool_calls")));
        var two = string.Join(',', new[] { broken, whole }.Select(
            static arguments => JsonSerializer.Serialize(new { function = new { name = "look", arguments } })));
        Assert.Equal(expected, await PlayAsync(Delta($$"""{"tool_calls":[{{two}}]}"""), End("tool_calls")));
    }

    [Fact]
    public async Task BrokenInputOfACustomCall_IsIncomplete() => Assert.Equal("!patch<say > | incomplete (max_output_tokens)",
        await PlayAsync(Call(0, "a", "patch", """{"input":"say "hi" now"}"""), End("tool_calls")));

    [Theory]
    [InlineData("parameters")]
    [InlineData("args")]
    [InlineData("input")]
    public async Task Arguments_AreFound_ByTheirOtherNames(string field) => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Delta($$$$"""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","{{{{field}}}}":{"q":"x"}}}]}"""),
            End("tool_calls")));

    [Theory]
    [InlineData("""{"content":"I look."}""")]
    [InlineData("""{"reasoning":"I look."}""")]
    public async Task AnswerThatSaysItCallsAndDoesNot_IsNoSuccess_WhateverElseItSays(string delta) =>
        Assert.EndsWith("failed (502)", await PlayAsync(Delta(delta), End("tool_calls")), StringComparison.Ordinal);

    [Theory]
    [InlineData("tool_use", "\"input\":{\"q\":\"x\"}")]
    [InlineData("tool_call", "\"arguments\":\"{\\\"q\\\":\\\"x\\\"}\"")]
    public async Task CallsAmongThePartsOfAContent_AreCalls(string type, string arguments)
    {
        var content = $$"""{"content":[{"type":"text","text":"so"},{"type":"{{type}}","id":"t","name":"look",{{arguments}}}]}""";
        const string expected = """text 'so' | look({"q":"x"}) | completed""";
        Assert.Equal(expected, await PlayAsync(Delta(content), End("tool_calls")));
        Assert.Equal(expected, await PlayAsync(
            $$"""{"choices":[{"index":0,"message":{{content}},"finish_reason":"tool_calls"}]}"""));
    }

    private static readonly string Parts = JsonSerializer.Serialize(new { q = "x" }).Replace("\"", "\\\"", StringComparison.Ordinal);

    [Fact]
    public async Task MessageInTwoChoices_IsOneMessage()
    {
        var call = $$$"""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":"{{{Parts}}}"}}]}""";
        const string expected = """text 'I look.' | look({"q":"x"}) | completed""";
        Assert.Equal(expected, await PlayAsync("""{"choices":[{"finish_reason":"tool_calls","message":{"content":"I look."}},""" +
            $$"""{"finish_reason":"tool_calls","message":{{call}}}]}"""));
        Assert.Equal(expected, await PlayAsync("""{"choices":[{"index":0,"delta":{"content":"I look."}}]}""",
            $$"""{"choices":[{"index":1,"delta":{{call}}}]}""", End("tool_calls")));
        Assert.Equal("text 'I look.' | completed", await PlayAsync("""{"choices":[{"index":0,"delta":{"content":"I look."}}]}""",
            $$"""{"choices":[{"index":1,"delta":{{call}}}]}""", End("stop")));
    }
}
