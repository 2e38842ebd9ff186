using Samovar.Testing.Upstreams;
using static Samovar.Gateway.Tests.ChatPlay;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>What a model says and thinks, in the forms that engines and services have for it.</summary>
public sealed class ChatContentTests
{
    [Fact]
    public async Task PartsOfThoughtAndText_AreThoughtAndText() => Assert.Equal("thought 'hm well' | text 'Answer' | completed",
        await PlayAsync(
            Delta("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"""),
            Delta("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":" well"}]}]}"""),
            Delta("""{"content":[{"type":"text","text":"An"}]}"""), Delta("""{"content":"swer"}"""), Delta("""{"content":""}""", "stop")));

    [Theory]
    [InlineData("""[{"type":"text","text":"An"},{"type":"text","text":"swer"}]""")]
    [InlineData("""[{"type":"text","text":"Answer"},{"type":"reference","reference_ids":[1,2]}]""")]
    [InlineData("""["An","swer"]""")]
    [InlineData("""{"type":"text","text":"Answer"}""")]
    [InlineData("""[{"type":"output_text","text":"Answer"}]""")]
    public async Task TextInParts_IsOneText(string content) => Assert.Equal("text 'Answer' | completed",
        await PlayAsync(Delta($$"""{"content":{{content}}}"""), End("stop")));

    [Theory]
    [InlineData("42", "a42b")]
    [InlineData("-1.5", "a-1.5b")]
    [InlineData("0", "a0b")]
    [InlineData("""[{"type":"text","text":7},8]""", "a78b")]
    [InlineData("null", "ab")]
    [InlineData("false", "ab")]
    [InlineData("{}", "ab")]
    public async Task TextThatCameAsANumber_IsText_AndNothingIsNothing(string content, string text) =>
        Assert.Equal($"text '{text}' | completed", await PlayAsync(Delta("""{"content":"a"}"""), Delta($$"""{"content":{{content}}}"""),
            Delta("""{"content":"b"}"""), End("stop")));

    [Theory]
    [InlineData("""{"reasoning_content":"hm"}""")]
    [InlineData("""{"reasoning":"hm"}""")]
    [InlineData("""{"reasoning_content":"","reasoning":"hm"}""")]
    [InlineData("""{"reasoning_content":null,"thinking":"hm"}""")]
    [InlineData("""{"reasoning":"hm","reasoning_content":"hm"}""")]
    [InlineData("""{"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}""")]
    [InlineData("""{"reasoning_details":[{"type":"reasoning.text","text":"hm"},{"type":"reasoning.encrypted","data":"x"}]}""")]
    [InlineData("""{"content":[{"type":"thinking","thinking":"hm"}]}""")]
    [InlineData("""{"content":[{"type":"reasoning","text":"hm"}]}""")]
    public async Task Thought_IsReportedOnce_ByWhateverName(string delta) => Assert.Equal("thought 'hm' | text 'so' | completed",
        await PlayAsync(Delta(delta), Delta("""{"content":"so"}"""), End("stop")));

    [Theory]
    [InlineData("""{"refusal":"no"}""")]
    [InlineData("""{"content":[{"type":"refusal","refusal":"no"}]}""")]
    public async Task Refusal_IsReported(string delta) =>
        Assert.Equal("text 'refusal:no' | completed", await PlayAsync(Delta(delta), End("stop")));

    [Fact]
    public async Task WholeMessageInAStream_IsTaken() => Assert.Equal(
        """thought 'hm' | text 'so' | look({"q":"x"}) | look({"q":"y"}) | completed""",
        await PlayAsync("""{"choices":[{"index":0,"message":{"role":"assistant","reasoning":"hm","content":"so","tool_calls":[""" +
            """{"id":"a","function":{"name":"look","arguments":"{\"q\":\"x\"}"}},""" +
            """{"id":"b","function":{"name":"look","arguments":{"q":"y"}}}""" +
            """]},"finish_reason":"tool_calls"}]}"""));

    [Fact]
    public async Task WholeMessageBehindItsDeltas_IsNotSentAgain() => Assert.Equal("text 'so' | completed", await PlayAsync(
        Delta("""{"content":"s"}"""), Delta("""{"content":"o"}"""),
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"so"},"finish_reason":"stop"}]}"""));

    [Theory]
    [InlineData("""{"role":"assistant","content":""}""", "Hel", "lo")]
    [InlineData("{}", "Hel", "lo")]
    [InlineData("""{"content":"Hel"}""", "Hel", "lo")]
    [InlineData("""{"content":"Hel"}""", "", "lo")]
    [InlineData("""{"role":"assistant","content":""}""", "", "Hello")]
    public async Task MessageBesideItsDeltas_IsSentOnce_AndCountsWhereTheDeltaIsEmpty(string delta, string message, string more)
    {
        Assert.Equal("text 'Hello' | completed", await PlayAsync(Both(delta, message), Both($$"""{"content":"{{more}}"}""", "Hello"),
            Both("{}", "Hello"), Both("""{"content":"","tool_calls":null}""", "Hello", "stop")));

        static string Both(string said, string whole, string? finish = null) => Delta(said, finish).Replace("\"delta\"",
            $"\"message\":{{\"role\":\"assistant\",\"content\":\"{whole}\"}},\"delta\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallsOfAMessage_AreTaken_WhereAnEmptyDeltaStandsBesideIt() => Assert.Equal(
        """look({"q":"x"}) | completed""", await PlayAsync("""{"choices":[{"index":0,"delta":{"content":"","tool_calls":[]},""" +
            """ "message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"look","arguments":"{\"q\":\"x\"}"}}]},""" +
            """ "finish_reason":"tool_calls"}]}"""));

    [Fact]
    public async Task MessageThatGrows_IsSentPieceByPiece() => Assert.Equal("text 'one two' | completed", await PlayAsync(
        """{"choices":[{"index":0,"message":{"content":"one"},"finish_reason":null}]}""",
        """{"choices":[{"index":0,"message":{"content":"one two"},"finish_reason":"stop"}]}"""));

    [Theory]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":4}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4}}""")]
    [InlineData("""{"choices":[],"usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":4}}""")]
    [InlineData("""{"choices":[],"x_groq":{"usage":{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4}}}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":4}}]}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":"10","completion_tokens":5.0,"cached_tokens":4}}""")]
    [InlineData("""{"choices":[],"timings":{"prompt_n":6,"cache_n":4,"predicted_n":5}}""")]
    public async Task Usage_IsFound_WhereverItStands(string chunk)
    {
        var result = await TurnAsync(Delta("""{"content":"so"}"""), End("stop"), chunk);
        Assert.Equal((10, 4, 5), (result.Usage.InputTokens, result.Usage.CachedTokens, result.Usage.OutputTokens));
    }

    [Theory]
    [InlineData("""{"choices":[],"usage":null}""")]
    [InlineData("""{"choices":[],"usage":{}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":99999999999}}""")]
    public async Task MissingUsage_IsMissing_NotZero(string chunk)
    {
        var result = await TurnAsync(Delta("""{"content":"s"}"""), Delta("""{"content":"o"}"""), End("stop"), chunk);
        Assert.Null(result.Usage);
        Assert.Equal(2, result.Report.Spent.OutputTokens); // at least one each time
    }

    [Theory]
    [InlineData("""{"choices":[],"usage":{"completion_tokens":7}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":7}}""")]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":7}}""")]
    public async Task UsageWithoutItsInput_IsMissing_AndWhatWasSpentIsCounted(string chunk)
    {
        var result = await TurnAsync(Delta("""{"content":"so"}"""), End("stop"), chunk);
        Assert.Null(result.Events.OfType<Samovar.Backends.BackendEvent.Finished>().Single().Usage);
        Assert.Equal(7, result.Report.Spent.OutputTokens);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":1,"cached_tokens":4}""", """{"completion_tokens":5}""", "10 4 5")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5}""", """{"prompt_tokens":0,"completion_tokens":0}""", "10 0 5")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"cached_tokens":99}""", "null", "109 99 5")]
    public async Task Usage_IsAddedUp_AndFits(string first, string second, string expected)
    {
        var result = await TurnAsync(Delta("""{"content":"so"}"""), $$"""{"choices":[],"usage":{{first}}}""", End("stop"),
            $$"""{"choices":[],"usage":{{second}}}""");
        Assert.Equal(expected, $"{result.Usage.InputTokens} {result.Usage.CachedTokens} {result.Usage.OutputTokens}");
    }

    [Theory]
    [InlineData("""{"audio":{"transcript":"so"}}""", "text 'so' | completed")]
    [InlineData("""{"content":"so","audio":{"transcript":"so"}}""", "text 'so' | completed")]
    [InlineData("""{"content":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"text","text":"so"}]}""",
        "thought 'hm' | text 'so' | completed")]
    public async Task WhatIsSaidElsewhere_IsHeard(string message, string expected)
    {
        Assert.Equal(expected, await PlayAsync(Delta(message), End("stop")));
        Assert.Equal(expected, await PlayAsync($$"""{"choices":[{"index":0,"message":{{message}},"finish_reason":"stop"}]}"""));
    }

    [Theory]
    [InlineData("""{"index":0,"delta":{"content":"one"}}""", """{"index":1,"delta":{"content":"two"}}""")]
    [InlineData("""{"index":1,"delta":{"content":"two"}},{"index":0,"delta":{"content":"one"}}""", """{"index":1,"delta":{}}""")]
    [InlineData("""{"index":4,"delta":{"content":"o"}}""", """{"index":4,"delta":{"content":"ne"},"finish_reason":"stop"}""")]
    public async Task OneChoice_IsSent_WhereThereAreSeveral(string first, string second) => Assert.Equal("text 'one' | completed",
        await PlayAsync($$"""{"choices":[{{first}}]}""", $$"""{"choices":[{{second}}]}""", End("stop")));

    private static async Task<TurnResult> TurnAsync(params string[] chunks)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = RawAnswer.Of(chunks);
        using var gateway = new TestGateway("chat", upstream);
        return await gateway.TurnAsync(null, TestGateway.User("go"));
    }
}
