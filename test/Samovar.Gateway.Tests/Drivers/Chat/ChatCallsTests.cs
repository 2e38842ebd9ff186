using Samovar.Protocol.Items;
using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>Calls as engines and services number, name and cut them.</summary>
public sealed class ChatCallsTests
{
    [Fact]
    public async Task NewId_BeginsACall_WhateverItsIndex() => Assert.Equal("""look({"q":"x"}) | look({"q":"y"}) | completed""",
        await PlayAsync(Call(0, "a", "look", """{"q":"x"}"""), Call(0, "b", "look", """{"q":"y"}"""), End("tool_calls")));

    [Fact]
    public async Task PieceWithoutIdAndName_BelongsToTheNewestCall_WhereItsIndexDrifts() => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Call(0, "a", "look", """{"q":"""), Call(1, null, null, "\"x\""), Call(2, null, null, "}"), End("tool_calls")));

    [Fact]
    public async Task PieceWithoutIndex_BelongsToTheNewestCall() => Assert.Equal("""look({"q":"x"}) | add({"a":1}) | completed""",
        await PlayAsync(Call(null, "a", "look", """{"q":"""), Call(null, null, null, "\"x\"}"), Call(null, "b", "add", """{"a":"""),
            Call(null, null, null, "1}"), End("tool_calls")));

    [Fact]
    public async Task IdAndNameInEveryPiece_AreOneCall() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, "a", "look", """{"q":"""), Call(0, "a", "look", "\"x\""), Call(0, "a", "look", "}"), End("tool_calls")));

    [Fact]
    public async Task AnotherIdInEveryPiece_IsOneCall_WhereOnlyTheFirstHasAName() => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Call(0, "a", "look", """{"q":"""), Call(0, "b", null, "\"x\""), Call(0, "c", "", "}"), End("tool_calls")));

    [Theory]
    [InlineData("")]
    [InlineData("{\"q\"")]
    public async Task AnotherIdAndTheNameInEveryPiece_AreOneCall(string first) => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Call(0, "a", "look", first), Call(0, "b", "look", first.Length == 0 ? "{\"q\":\"" : ":\""),
            Call(0, "c", "look", "x\"}"), End("tool_calls")));

    [Fact]
    public async Task OneIdForAllCalls_IsOneCallForEachIndex_UnderIdsOfTheirOwn()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = RawAnswer.Of(
            Call(0, "call", "look", """{"q":"x"}"""), Call(1, "call", "add", """{"a":1}"""), End("tool_calls"));
        using var gateway = new TestGateway("chat", upstream);
        var calls = (await gateway.TurnAsync(null, TestGateway.User("go"), ChatPlay.Tools)).Node.Output.Cast<FunctionCallItem>().ToList();
        Assert.Equal(["look", "add"], calls.Select(call => call.Name));
        Assert.Equal(2, calls.Select(call => call.CallId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task WholeCallsWithoutIds_AreOneEach_ThoughAllAreNumberedZero() =>
        Assert.Equal("""look({"q":"x"}) | look({"q":"y"}) | completed""", await PlayAsync(
            Call(0, null, "look", """{"q":"x"}"""), Call(0, null, "look", """{"q":"y"}"""), End("stop")));

    [Fact]
    public async Task NameThatComesLate_IsWaitedFor() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, "a", null, """{"q":"""), Call(0, null, "look", null), Call(0, null, null, "\"x\"}"), End("tool_calls")));

    [Fact]
    public async Task BlanksAroundAName_AreNotOfIt() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, "a", " look\\n", """{"q":"x"}"""), Call(0, null, " ", null), End("tool_calls")));

    [Fact]
    public async Task CallWithoutAName_IsNeverReported() =>
        Assert.Equal("failed (502)", await PlayAsync(Call(0, "a", null, """{"q":"x"}"""), End("tool_calls")));

    [Fact]
    public async Task EmptyPieceWithoutAName_IsNoCall() => Assert.Equal("text 'so' | completed", await PlayAsync(
        Delta("""{"content":"so","tool_calls":[{"index":0}]}"""), End("stop")));

    [Fact]
    public async Task PiecesOfTwoCallsInTurns_AreTwoWholeCalls() => Assert.Equal("""look({"q":"x"}) | add({"a":1}) | completed""",
        await PlayAsync(Call(0, "a", "look", ""), Call(1, "b", "add", ""), Call(0, null, null, """{"q":"""),
            Call(1, null, null, """{"a":"""), Call(0, null, null, "\"x\"}"), Call(1, null, null, "1}"), End("tool_calls")));

    [Fact]
    public async Task ThoughtAndWhiteSpaceInsideACall_LeaveItWhole() => Assert.Equal(
        """thought 'hm' | look({"q":"x"}) | thought ' more' | completed""", await PlayAsync(
        Delta("""{"reasoning":"hm"}"""), Call(0, "a", "look", """{"q":"""), Delta("""{"reasoning":" more"}"""),
        Call(0, null, null, "\"x\""), Delta("""{"content":"\n"}"""), Call(0, null, null, "}"), End("tool_calls")));

    [Fact]
    public async Task TextInsideACall_StandsBehindIt() => Assert.Equal("""look({"q":"x"}) | text 'I look.' | completed""", await PlayAsync(
        Call(0, "a", "look", """{"q":"""), Delta("""{"content":"I "}"""), Call(0, null, null, "\"x\"}"), Delta("""{"content":"look."}"""),
        End("tool_calls")));

    [Theory]
    [InlineData("""{"q":"x"}""")]
    [InlineData("\"{\\\"q\\\":\\\"x\\\"}\"")]
    public async Task ArgumentsAsAnObject_OrAsOneInAString_AreTaken(string arguments) => Assert.Equal("""look({"q":"x"}) | completed""",
        await PlayAsync(Delta($$$"""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look","arguments":{{{arguments}}}}}]}"""),
            End("tool_calls")));

    [Theory]
    [InlineData(""","arguments":"" """)]
    [InlineData(""","arguments":null""")]
    [InlineData("")]
    [InlineData(""","arguments":"null" """)]
    [InlineData(""","arguments":"  " """)]
    [InlineData(""","arguments":{}""")]
    public async Task CallWithoutArguments_HasTheEmptyObject(string arguments) => Assert.Equal("look({}) | look({}) | completed",
        await PlayAsync(Delta($$$"""{"tool_calls":[{"index":0,"id":"a","function":{"name":"look"{{{arguments}}}}},""" +
            $$$"""{"index":1,"id":"b","function":{"name":"look"{{{arguments}}}}}]}"""), End("tool_calls")));

    [Fact]
    public async Task LegacyFunctionCall_IsACall() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Delta("""{"function_call":{"name":"look","arguments":""}}"""), Delta("""{"function_call":{"arguments":"{\"q\":\"x\"}"}}"""),
        End("function_call")));

    [Fact]
    public async Task ArgumentsSentTwice_AreTakenOnce() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, "a", "look", """{"q":"""), Call(0, null, null, "\"x\"}"), Call(0, null, null, """{"q":"x"}"""), End("tool_calls")));

    [Fact]
    public async Task EmptyObjectBeforeTheRealOne_IsLeftOut() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, "a", "look", "{}"), Call(0, null, null, """{"q":"x"}"""), End("tool_calls")));

    [Fact]
    public async Task EmptyObjectBeforeTheRealOne_IsLeftOut_OfACustomCall() => Assert.Equal("patch<x> | completed", await PlayAsync(
        Call(0, "a", "patch", "{}"), Call(0, null, null, """{"input":"x"}"""), End("tool_calls")));

    [Fact]
    public async Task CallCutByALimit_IsIncomplete() => Assert.Equal("""!look({"q": "lon) | incomplete (max_output_tokens)""",
        await PlayAsync(Call(0, "a", "look", """{"q": "lon"""), End("length")));

    [Fact]
    public async Task CallCutThoughTheUpstreamSaysIsWhole_IsIncomplete() => Assert.Equal(
        """!look({"q": "lon) | incomplete (max_output_tokens)""",
        await PlayAsync(Call(0, "a", "look", """{"q": "lon"""), End("tool_calls")));

    [Fact]
    public async Task CustomCallCutByALimit_HasTheInputThatCame() => Assert.Equal("!patch<*** Beg> | incomplete (max_output_tokens)",
        await PlayAsync(Call(0, "a", "patch", """{"input":"*** Beg"""), End("length")));

    [Fact]
    public async Task WholeCallBeforeALimit_IsCompleted() => Assert.Equal(
        """look({"q":"x"}) | !add({"a") | incomplete (max_output_tokens)""", await PlayAsync(
        Call(0, "a", "look", """{"q":"x"}"""), Call(1, "b", "add", "{\"a\""), End("length")));

    [Theory]
    [InlineData("a")]
    [InlineData(null)]
    public async Task WholeCallSentOnceMore_IsTakenOnce(string? id) => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Call(0, id, "look", """{"q":"x"}"""), Call(0, id, "look", """{"q":"x"}"""), End("tool_calls")));

    [Fact]
    public async Task OneIdAndOneIndexForAllCalls_AreACallForEachOfThem() =>
        Assert.Equal("""look({"q":"x"}) | look({"q":"y"}) | add({"a":1}) | completed""", await PlayAsync(
            Call(0, "call", "look", """{"q":"x"}"""), Call(0, "call", "look", """{"q":"y"}"""), Call(0, "call", "add", """{"a":1}"""),
            End("tool_calls")));

    [Fact]
    public async Task ArgumentsBeforeTheName_AreThoseOfTheirId_WhereNothingIsNumbered() =>
        Assert.Equal("""look({"q":"x"}) | add({"a":1}) | completed""", await PlayAsync(
            Call(null, "a", "look", """{"q":"""), Call(null, "b", null, """{"a":"""), Call(null, "a", null, "\"x\"}"),
            Call(null, "b", "add", "1}"), End("tool_calls")));

    [Fact]
    public async Task HeadAndTailOfACallUnderTwoIndexes_AreOneCall() => Assert.Equal("""look({"q":"x"}) | add({"a":1}) | completed""",
        await PlayAsync(Call(0, "a", "look", """{"q":"x"}"""), Call(0, "b", "add", ""), Call(1, null, null, """{"a":1}"""),
            End("tool_calls")));

    [Fact]
    public async Task CallsWithoutEnd_AreTheUpstreamsFault() => Assert.EndsWith("failed (502)",
        await PlayAsync([Delta("""{"content":"x"}"""), .. Enumerable.Range(0, 5000).Select(at => Call(at, $"c{at}", null, null)),
            End("stop")]),
        StringComparison.Ordinal);

    [Fact]
    public async Task CallThatIsNotInAList_IsACall() => Assert.Equal("""look({"q":"x"}) | completed""", await PlayAsync(
        Delta("""{"tool_calls":{"index":0,"id":"a","function":{"name":"look","arguments":{"q":"x"}}}}"""), End("tool_calls")));

    [Fact]
    public async Task AnswerThatSaysItCallsAndDoesNot_IsNoEmptySuccess() =>
        Assert.Equal("failed (502)", await PlayAsync(Delta("""{"content":""}"""), End("tool_calls")));

    [Fact]
    public async Task LineBreakInsideAText_IsEscaped() => Assert.Equal("""look({"q":"a\u000ab"}) | completed""", await PlayAsync(
        Call(0, "a", "look", "{\"q\":\"a\nb\"}"), End("tool_calls")));

    [Fact]
    public async Task LineBreakInsideTheTextOfACustomCall_IsOfItsInput() => Assert.Equal("patch<a\nb> | completed", await PlayAsync(
        Call(0, "a", "patch", "{\"input\":\"a\nb\"}"), End("tool_calls")));

    [Theory]
    [InlineData("lo,ok", "look")]
    [InlineData("l,o,o,k", "look")]
    [InlineData("look,look", "look")]
    [InlineData("lo,look", "look")]
    [InlineData("look,_up", "look_up")]
    [InlineData("look_,up", "look_up")]
    [InlineData("look,look_up", "look_up")]
    [InlineData("go,go", "gogo")]
    [InlineData("no_,tool", "no_tool")]
    public async Task NameInPieces_IsOneName_AndAWholeOneIsNotDoubled(string pieces, string name)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        const string tools = ChatPlay.MoreTools;
        foreach (var (id, isSaid) in new[] { ("a", true), ("a", false), (null, false) })
        {
            var named = pieces.Split(',').Select((piece, at) => Call(0, at == 0 || isSaid ? id : null, piece, at == 0 ? "" : null));
            upstream.Raw = RawAnswer.Of([.. named, Call(0, null, null, "{\"q\":"), Call(0, null, null, "1}"), End("tool_calls")]);
            Assert.Equal($$"""{{name}}({"q":1}) | completed""", Outline(await gateway.TurnAsync(null, TestGateway.User("go"), tools)));
        }
    }

    [Fact]
    public async Task CallsWithoutArguments_AreNotOneName() => Assert.Equal("look({}) | add({}) | completed", await PlayAsync(
        Call(0, null, "look", ""), Call(0, null, "add", ""), End("tool_calls")));

    [Fact]
    public async Task NameInPieces_OfTwoCalls_StaysApart() => Assert.Equal("""look({"q":1}) | add({}) | completed""", await PlayAsync(
        Call(0, "a", "lo", null), Call(0, null, "ok", """{"q":1}"""), Call(1, "b", "a", null), Call(1, null, "dd", null),
        End("tool_calls")));
}
