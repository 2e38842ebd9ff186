using System.Text.Json;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>Calls side by side: their arguments are never swapped, none is told twice, and none is lost among its equals.</summary>
public sealed class ParallelCallsTests
{
    private const string Both = """look({"q":"x"}) | add({"a":1}) | completed""";
    private static readonly string X = JsonSerializer.Serialize("""{"q":"x"}"""), One = JsonSerializer.Serialize("""{"a":1}""");

    [Fact]
    public async Task IndexInDigits_IsANumber() => Assert.Equal(Both, await PlayAsync(
        List("""{"index":"0","id":"a","function":{"name":"look","arguments":""}}"""),
        List("""{"index":"1","id":"b","function":{"name":"add","arguments":""}}"""),
        List($$$"""{"index":"0","function":{"arguments":{{{X}}}}}"""),
        List($$$"""{"index":"1","function":{"arguments":{{{One}}}}}"""), End("tool_calls")));

    [Theory]
    [InlineData("""{"index":null,"id":"a","function":{"name":"look","arguments":""}}""",
        """{"index":null,"id":"b","function":{"name":"add","arguments":""}}""")]
    [InlineData("""{"function":{"name":"look"}}""", """{"function":{"name":"add"}}""")]
    public async Task PiecesOfOneList_BelongToTheCallsInTheirOrder(string look, string add)
    {
        string[] pieces = [List($$$"""{"function":{"arguments":"{"}}""", """{"function":{"arguments":"{\"a\":"}}"""),
            List("""{"function":{"arguments":"\"q\":\"x\"}"}}""", """{"index":null,"id":null,"function":{"arguments":"1}"}}""")];
        Assert.Equal(Both, await PlayAsync([List(look, add), .. pieces, End("tool_calls")]));
        Assert.Equal(Both, await PlayAsync([List(look), List(add), .. pieces, End("tool_calls")]));
    }

    [Fact]
    public async Task PiecesOfOneList_BelongToTheOneCall_WhereThereIsOnlyOne() => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Call(null, "a", "look", ""), List("""{"function":{"arguments":"{\"q\":"}}""",
            """{"function":{"arguments":"\"x\"}"}}"""), End("tool_calls")));

    [Fact]
    public async Task ArgumentsThatCouldBeOfTwoCalls_AreAFault() => Assert.EndsWith("failed (502)", await PlayAsync(
        List("""{"id":"a","function":{"name":"look","arguments":""}}""", """{"id":"b","function":{"name":"add","arguments":""}}"""),
        Call(null, null, null, """{"q":"x"}"""), Call(null, null, null, """{"a":1}"""), End("tool_calls")), StringComparison.Ordinal);

    [Fact]
    public async Task ArgumentsOfACallThatAnotherFollowed_AreAFault() => Assert.EndsWith("failed (502)", await PlayAsync(
        Call(null, "a", "look", ""), Call(null, "b", "add", ""), Call(null, null, null, """{"q":"x"}"""),
        Call(null, null, null, """{"a":1}"""), End("tool_calls")), StringComparison.Ordinal);

    [Fact]
    public async Task CallWithoutArguments_DoesNotTakeThoseOfTheNext() => Assert.Equal("""look({}) | add({"a":1}) | completed""",
        await PlayAsync(Call(null, "a", "look", ""), Call(null, "b", "add", ""), Call(null, null, null, """{"a":"""),
            Call(null, null, null, "1}"), Call(null, null, null, " "), End("tool_calls")));

    [Theory]
    [InlineData("")]
    [InlineData("\"index\":0,\"id\":\"\",")]
    public async Task EqualCallsOfOneList_AreAsManyCalls(string fields)
    {
        var (empty, x) = ($$$"""{{{{fields}}}"function":{"name":"look","arguments":"{}"}}""",
            $$$"""{{{{fields}}}"function":{"name":"look","arguments":{{{X}}}}}""");
        Assert.Equal("look({}) | look({}) | completed", await PlayAsync(List(empty, empty), End("tool_calls")));
        Assert.Equal("""look({}) | look({"q":"x"}) | look({"q":"x"}) | completed""", await PlayAsync(List(empty, x, x), End("tool_calls")));
        Assert.Equal("look({}) | look({}) | completed", await PlayAsync(
            $$$"""{"choices":[{"message":{"tool_calls":[{{{empty}}},{{{empty}}}]},"finish_reason":"tool_calls"}]}"""));
        Assert.Equal("look({}) | look({}) | completed", await PlayAsync(List(empty, empty), List(empty), List(empty), End("tool_calls")));
    }

    [Fact]
    public async Task CallsWithoutArgumentsInOneList_AreAsManyCalls() => Assert.Equal("look({}) | look({}) | completed", await PlayAsync(
        List("""{"function":{"name":"look"}}""", """{"function":{"name":"look"}}"""), End("tool_calls")));

    [Fact]
    public async Task LegacyField_RepeatsTheList()
    {
        var both = $$$"""{"tool_calls":[{"id":"a","function":{"name":"look","arguments":{{{X}}}}}],""" +
            $$$""" "function_call":{"name":"look","arguments":{{{X}}}}}""";
        Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
            $$"""{"choices":[{"message":{{both}},"finish_reason":"tool_calls"}]}"""));
        Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(Delta(both), End("tool_calls")));
    }

    private static string List(params string[] calls) => Delta($$"""{"tool_calls":[{{string.Join(',', calls)}}]}""");
}
