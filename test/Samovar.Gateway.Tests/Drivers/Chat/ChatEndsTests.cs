using Samovar.Backends;
using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>How answers end, and how they do not.</summary>
public sealed class ChatEndsTests
{
    [Theory]
    [InlineData("stop", "text 'so' | completed")]
    [InlineData("STOP", "text 'so' | completed")]
    [InlineData("FINISH_REASON_STOP", "text 'so' | completed")]
    [InlineData("end_turn", "text 'so' | completed")]
    [InlineData("endTurn", "text 'so' | completed")]
    [InlineData("eos", "text 'so' | completed")]
    [InlineData("<|eot_id|>", "text 'so' | completed")]
    [InlineData("</s>", "text 'so' | completed")]
    [InlineData("length", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("max_tokens", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("MAX_TOKENS", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("model_length", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("model_context_window_exceeded", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("repetition", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("content_filter", "!text 'so' | incomplete (content_filter)")]
    [InlineData("SAFETY", "!text 'so' | incomplete (content_filter)")]
    [InlineData("content_filtered", "!text 'so' | incomplete (content_filter)")]
    [InlineData("guardrail_intervened", "!text 'so' | incomplete (content_filter)")]
    [InlineData("abort", "text 'so' | failed (502)")]
    [InlineData("error", "text 'so' | failed (502)")]
    [InlineData("cancelled", "text 'so' | failed (502)")]
    [InlineData("insufficient_system_resource", "text 'so' | failed (502)")]
    [InlineData("malformed_function_call", "text 'so' | failed (502)")]
    [InlineData("what nobody knows", "text 'so' | failed (502)")]
    public async Task FinishReason_SaysHowTheAnswerEnded(string reason, string expected)
    {
        var outline = await PlayAsync(Delta("""{"content":"so"}"""), End(reason));
        Assert.Equal(expected, outline.StartsWith("failed", StringComparison.Ordinal) ? "text 'so' | " + outline : outline);
    }

    [Fact]
    public async Task LastTextBesideTheReason_IsReported() => Assert.Equal("!text 'one two' | incomplete (max_output_tokens)",
        await PlayAsync(Delta("""{"content":"one "}"""), Delta("""{"content":"two"}""", "length")));

    [Theory]
    [InlineData("length", "stop")]
    [InlineData("length", "")]
    public async Task WorstReason_Counts_WhateverComesBehindIt(string first, string second) => Assert.Equal(
        "!text 'so' | incomplete (max_output_tokens)", await PlayAsync(Delta("""{"content":"so"}""", first), End(second)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public async Task EmptyReason_IsNone(string reason) => Assert.Equal("text 'so' | completed", await PlayAsync(
        Delta("""{"content":"s"}""", reason), Delta("""{"content":"o"}""", reason), End("stop")));

    // t: text; c: a whole call; h: half a call; D: the mark that ends a stream, without which it is just closed; m: a whole message
    [Theory]
    [InlineData("t D", "text 'so' | completed")]
    [InlineData("c D", "look({\"q\":1}) | completed")]
    [InlineData("t c D", "text 'so' | look({\"q\":1}) | completed")]
    [InlineData("c c D", "look({\"q\":1}) | look({\"q\":1}) | completed")]
    [InlineData("h D", "!look({\"q\") | incomplete (max_output_tokens)")]
    [InlineData("t c", "text 'so' | look({\"q\":1}) | completed")]
    [InlineData("m", "text 'so' | completed")]
    [InlineData("D", "failed (502): It ended its stream without an answer.")]
    [InlineData("t", "failed (502): It closed its stream without saying that the answer is whole.")]
    [InlineData("c t", "failed (502): It closed its stream without saying that the answer is whole.")]
    [InlineData("h", "failed (502): It closed its stream without saying that the answer is whole.")]
    public async Task AnswerWithoutAReason_IsWhatItsEndSays(string stream, string expected)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var calls = 0;
        upstream.Raw = new RawAnswer([.. stream.Split(' ').Select(one => one switch
        {
            "t" => Delta("""{"content":"so"}"""),
            "m" => """{"choices":[{"index":0,"message":{"role":"assistant","content":"so"}}]}""",
            "D" => "[DONE]",
            _ => Call(calls, $"call_{calls++}", "look", one == "c" ? """{"q":1}""" : "{\"q\""),
        }).Select(data => $"data: {data}\n\n")]);
        using var gateway = new TestGateway("chat", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), ChatPlay.Tools);
        if (result.Error is not { } error) Assert.Equal(expected, Outline(result));
        else Assert.Equal((expected, true), ($"failed ({error.Kind.Status}): {expected[14..]}", error.Message.EndsWith(expected[14..],
            StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"error":{"message":"no","code":429}}""", 429)]
    [InlineData("""{"error":{"message":"no","type":"rate_limit_error"}}""", 429)]
    [InlineData("""{"error":{"message":"no","code":"429"}}""", 429)]
    [InlineData("""{"error":{"message":"no","status":"UNAVAILABLE","code":503}}""", 502)]
    [InlineData("""{"error":"it broke"}""", 502)]
    [InlineData("""{"error":{"message":"CUDA out of memory"}}""", 502)]
    [InlineData("""{"object":"error","message":"too long","type":"BadRequestError","code":400}""", 400)]
    [InlineData("""{"error":{"message":"too long","type":"invalid_request_error"}}""", 400)]
    [InlineData("""{"detail":"Internal Server Error"}""", 502)]
    [InlineData("""{"errors":[{"message":"no","code":500}]}""", 502)]
    [InlineData("""{"code":"InternalError","message":"it broke"}""", 502)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"message":"no","code":502}}]}""", 502)]
    public async Task ErrorUnderA200_IsTheUpstreamsFault_UnlessItSaysOtherwise(string chunk, int status)
    {
        Assert.Equal($"failed ({status})", await PlayAsync(chunk));
        Assert.Equal($"failed ({status})", await PlayAsync(new RawAnswer([chunk]) { ContentType = "application/json" }));
    }

    /// <summary>As those tell it that have no object for errors.</summary>
    [Theory]
    [InlineData("""{"choices":null,"base_resp":{"status_code":1008,"status_msg":"a word"}}""", 502, "its account is not paid for.")]
    [InlineData("""{"choices":[],"base_resp":{"status_code":1013,"status_msg":"a word"}}""", 502, "a word")]
    [InlineData("""{"code":1210,"msg":"a word","success":false}""", 502, "a word")]
    [InlineData("""{"msg":"a word","success":false}""", 502, "a word")]
    [InlineData("""{"error_code":18,"error_msg":"a word"}""", 502, "a word")]
    public async Task ErrorInFieldsOfItsOwn_IsTold(string chunk, int status, string message)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([chunk]) { ContentType = "application/json" };
        using var gateway = new TestGateway("chat", upstream);
        var error = (await gateway.TurnAsync(null, TestGateway.User("go"))).Error!;
        Assert.Equal((status, true), (error.Kind.Status, error.Message.EndsWith(message, StringComparison.Ordinal)));
        Assert.EndsWith("failed (502)", await PlayAsync(Delta("""{"content":"so"}"""), chunk, "[DONE]"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","base_resp":{"status_code":0,"status_msg":""}}""")]
    [InlineData(""","code":0,"msg":"success","success":true}""")]
    public async Task ErrorNumberOfZero_IsNone(string fields) => Assert.Equal("text 'so' | completed", await PlayAsync(
        Delta("""{"content":"so"}""", "stop")[..^1] + fields, "{\"id\":\"c\"" + fields));

    [Theory]
    [InlineData("""{"type":"length","length":2}""", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("""["length"]""", "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData("""[{"type":"stop","matched":2}]""", "text 'so' | completed")]
    [InlineData("""null,"stop_reason":"length" """, "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData(""" "stop","stop_reason":"length" """, "!text 'so' | incomplete (max_output_tokens)")]
    [InlineData(""" "stop","stop_reason":"what nobody knows" """, "text 'so' | completed")]
    [InlineData(""" "stop","matched_stop":"error" """, "text 'so' | completed")]
    public async Task FinishReason_IsFound_InWhateverForm(string reason, string expected) => Assert.Equal(expected, await PlayAsync(
        Delta("""{"content":"so"}"""), $$"""{"choices":[{"index":0,"delta":{},"finish_reason":{{reason}}}]}""", "[DONE]"));

    [Theory]
    [InlineData(""" "stop","stop_reason":"END" """, "END")]
    [InlineData(""" "stop","matched_stop":"END" """, "END")]
    [InlineData("""{"type":"stop","matched":"END"}""", "END")]
    [InlineData(""" "stop","stop_reason":"end_turn" """, null)]
    [InlineData(""" "stop","stop_reason":"OTHER" """, null)]
    public async Task StopText_IsOneOfTheRequests(string reason, string? expected)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = RawAnswer.Of([Delta("""{"content":"so"}"""),
            $$"""{"choices":[{"index":0,"delta":{},"finish_reason":{{reason}}}]}"""]);
        using var gateway = new TestGateway("chat", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), ""","stop":["END"]""");
        Assert.Equal(expected, result.Events.OfType<BackendEvent.Finished>().Single().StopSequence);
    }

    [Fact]
    public async Task ErrorWithoutAWordInEveryChunk_IsNone() => Assert.Equal("text 'so' | completed", await PlayAsync(
        Delta("""{"content":"so"}""", "stop")[..^1] + ""","error":{"message":"","type":"","param":"","code":null}}"""));

    [Fact]
    public async Task ErrorInTheMiddleOfAStream_EndsTheTurn() => Assert.EndsWith("failed (502)", await PlayAsync(
        Delta("""{"content":"so"}"""), """{"error":{"message":"it broke"}}""", End("stop")), StringComparison.Ordinal);

    /// <summary>What it had begun to answer was no bad request, whatever number it gives the failure.</summary>
    [Theory]
    [InlineData("""{"object":"error","message":"it broke","type":"BadRequestError","code":400}""", 502)]
    [InlineData("""{"error":{"message":"it broke","code":422}}""", 502)]
    [InlineData("""{"error":{"message":"it broke","param":"","code":""}}""", 502)]
    [InlineData("""{"error":{"message":"it broke","code":"422"}}""", 502)]
    [InlineData("""{"error":{"message":"no more of this","code":"content_policy_violation"}}""", 400)]
    public async Task ErrorBehindOutput_IsTheUpstreamsFault_UnlessItHasACodeOfItsOwn(string chunk, int status) =>
        Assert.EndsWith($"failed ({status})", await PlayAsync(Delta("""{"content":"so"}"""), chunk), StringComparison.Ordinal);

    [Theory]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    public async Task EventThatIsNoObject_IsMalformedAtOnce(string chunk) =>
        Assert.EndsWith("failed (502)", await PlayAsync(Delta("""{"content":"so"}"""), chunk, End("stop")), StringComparison.Ordinal);

    [Fact]
    public async Task ConnectionThatStaysOpenBehindTheAnswer_HoldsTheTurnNoLongerThanItsGrace()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([$"data: {Delta("""{"content":"so"}""")}\n\n", $"data: {End("stop")}\n\n",
            """data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}""" + "\n\n"]) { Hangs = true };
        var options = TestGateway.Options("chat", upstream);
        (options.FinishTimeMax, options.EndTimeMax) = (TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(10));
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"));
        Assert.Equal("text 'so' | completed", Outline(result));
        Assert.Equal(3, result.Usage.InputTokens);
    }

    [Fact]
    public async Task TurnThatIsCancelled_SaysWhatTheUpstreamHadCountedSoFar()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([
            """data: {"choices":[{"index":0,"delta":{"content":"one"}}],"usage":{"prompt_tokens":30,"completion_tokens":7}}""" + "\n\n"])
            { Hangs = true };
        using var gateway = new TestGateway("chat", upstream);
        using var cancelled = new CancellationTokenSource();
        var turn = gateway.TurnAsync(null, TestGateway.User("go"), cancelled: cancelled.Token, onEvent: seen =>
        {
            if (seen is BackendEvent.Delta) cancelled.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn);
        var report = gateway.LastTurn!.Report;
        Assert.Equal((30, 7), (report.Spent.InputTokens, report.Spent.OutputTokens));
        Assert.True(report.BytesToUpstream > 0 && report.BytesBack > 0);
    }

    [Fact]
    public async Task TurnThatFails_SaysHowMuchCameBack_WhereTheUpstreamSaidNothing()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([$"data: {Delta("""{"content":"o"}""")}\n\n", $"data: {Delta("""{"content":"ne"}""")}\n\n"]);
        using var gateway = new TestGateway("chat", upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"));
        Assert.Equal(2, result.Report.Spent.OutputTokens);
    }
}
