using System.Text.Json;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Faults;

/// <summary>Whose fault an upstream's error is: only what it says of the request itself is the client's.</summary>
public sealed class FaultReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"type":"error","message":"odd"}""", "server_error")]
    [InlineData("""{"type":"error","code":"ERR_SOMETHING","message":"odd","param":null}""", "server_error")]
    [InlineData("""{"type":"error","error":{"type":"strange","message":"odd"}}""", "server_error")]
    [InlineData("""{"type":"error"}""", "server_error")]
    [InlineData("""{"error":"boom"}""", "server_error")]
    [InlineData("""{"error":{"message":"slow down","code":429}}""", "rate_limited")]
    [InlineData("""{"type":"error","status":"503","message":"odd"}""", "server_error")]
    [InlineData("""{"error":{"message":"odd","code":400}}""", "refused")]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"prompt too long"}}""", "refused")]
    [InlineData("""{"type":"error","error":{"code":"unsupported_value","message":"bad"}}""", "refused")]
    [InlineData("""{"type":"error","error":{"code":"odd","message":"bad","param":"input"}}""", "refused")]
    [InlineData("""{"error":{"message":"odd","type":"new_api_error","param":"","code":"do_request_failed"}}""", "server_error")]
    [InlineData("""{"error":{"message":"slow down","type":"rate_limit_error","param":"","code":""}}""", "rate_limited")]
    [InlineData("""{"error":{"message":"bad","type":"","param":" ","code":"","status":"503"}}""", "server_error")]
    [InlineData("""{"error":{"message":"slow down","type":"rate_limit_error","code":"503"}}""", "rate_limited")]
    public void ErrorInAStream_IsTheUpstreamsFault_UnlessItIsAboutTheRequest(string json, string kind) =>
        Assert.Equal(kind, FaultKinds.Name(FaultReader.ReadEvent(RawJson.Of(json), Now).Kind));

    [Theory]
    [InlineData("""{"error":{"message":"","type":"","param":"","code":""},"detail":"a word"}""", "a word", 422)]
    [InlineData("""{"error":{"message":"","type":"","param":"","code":""}}""", "HTTP 422", 422)]
    [InlineData("""{"error":""}""", "It gave no reason.", 0)]
    public void EmptyFields_SayNothing(string json, string message, int status)
    {
        var fault = FaultReader.Read(RawJson.Of(json), status, Now);
        Assert.Equal((message, null, null, null), (fault.Message, fault.Code, fault.Type, fault.Param));
    }

    [Theory]
    [InlineData("""{"error":{"code":"weird","message":"odd"}}""", "server_error")]
    [InlineData("""{"error":"boom"}""", "server_error")]
    [InlineData("""{"error":{"code":"invalid_prompt","message":"odd"}}""", "refused")]
    [InlineData("""{"error":{"code":"context_length_exceeded","message":"odd"}}""", "refused")]
    public void FailedResponse_IsTheUpstreamsFault_UnlessItIsAboutTheRequest(string json, string kind) =>
        Assert.Equal(kind, FaultKinds.Name(FaultReader.ReadFailed(RawJson.Of(json), Now).Kind));

    [Theory]
    [InlineData(301, "null", "server_error")]
    [InlineData(302, "\"moved\"", "server_error")]
    [InlineData(400, "null", "refused")]
    [InlineData(402, """{"error":{"message":"Insufficient Balance","code":"invalid_request_error"}}""", "unauthorized")]
    [InlineData(404, "\"not here\"", "server_error")]
    [InlineData(404, """{"detail":"Not Found"}""", "server_error")]
    [InlineData(404, """{"error":{"message":"File Not Found","type":"not_found_error","code":404}}""", "server_error")]
    [InlineData(404, """{"error":{"message":"Invalid URL (POST /v1/responses)","type":"invalid_request_error"}}""", "server_error")]
    [InlineData(404, """{"error":{"message":"No file with id 'file-1' found.","type":"invalid_request_error"}}""", "refused")]
    [InlineData(405, "null", "server_error")]
    [InlineData(407, "null", "unauthorized")]
    [InlineData(413, "null", "refused")]
    [InlineData(415, "null", "server_error")]
    [InlineData(424, """{"error":{"message":"a dependency"}}""", "server_error")]
    [InlineData(425, "null", "server_error")]
    [InlineData(426, "{}", "server_error")]
    [InlineData(499, "null", "server_error")]
    public void Status_SaysWhoseFaultItIs(int status, string body, string kind) =>
        Assert.Equal(kind, FaultKinds.Name(FaultReader.Read(RawJson.Of(body), status, Now).Kind));

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low."}}""", 402)]
    [InlineData("""{"error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits."}}""", 402)]
    [InlineData("""[{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]""", 401)]
    [InlineData("""[{"error":{"code":400,"message":"API key not valid. Please pass one.","status":"INVALID_ARGUMENT"}}]""", 401)]
    [InlineData("""{"code":"Client specified an invalid argument","error":"Incorrect API key provided: na***ys."}""", 401)]
    public void KeyOrAccount_IsNotTheRequests_ThoughItIsCalledABadOne(string body, int status)
    {
        foreach (var fault in new[] { FaultReader.Read(RawJson.Of(body), 400, Now), FaultReader.Read(RawJson.Of(body), 0, Now) })
            Assert.Equal((FaultKind.Unauthorized, status), (fault.Kind, fault.Status));
    }

    /// <summary>A flat error has the word for its type where others have a code.</summary>
    [Theory]
    [InlineData("""{"code":"rate_limit_error","message":"slow down"}""", "rate_limited", null, "rate_limit_error")]
    [InlineData("""{"type":"error","code":"overloaded_error","message":"busy"}""", "server_error", null, "overloaded_error")]
    [InlineData("""{"type":"error","code":"rate_limit_error","message":"slow down"}""", "rate_limited", null, "rate_limit_error")]
    [InlineData("""{"type":"error","code":"authentication_error","message":"no"}""", "unauthorized", null, "authentication_error")]
    [InlineData("""{"type":"error","code":"invalid_request_error","message":"no"}""", "refused", null, "invalid_request_error")]
    [InlineData("""{"type":"rate_limit_error","code":"odd","message":"slow down"}""", "rate_limited", "odd", "rate_limit_error")]
    [InlineData("""{"__type":"ThrottlingException","message":"slow down"}""", "rate_limited", null, "ThrottlingException")]
    public void FlatError_IsKnown_ByItsCode(string body, string kind, string? code, string type)
    {
        var fault = FaultReader.ReadEvent(RawJson.Of(body), Now);
        Assert.Equal((kind, code, type), (FaultKinds.Name(fault.Kind), fault.Code, fault.Type));
    }

    [Theory]
    [InlineData("""{"error":{"message":"Messages: your credit balance is too low.","type":"invalid_request_error"}}""")]
    [InlineData("""[{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT","details":[{"reason":"FIELD"},{"x":1}]}}]""")]
    public void BadRequest_StaysOne_WhoeverSpeaksOfCredit(string body) =>
        Assert.Equal(FaultKind.Refused, FaultReader.Read(RawJson.Of(body), 400, Now).Kind);

    [Theory]
    [InlineData("tool_use_failed")]
    [InlineData("json_validate_failed")]
    [InlineData("output_parse_failed")]
    public void BrokenOutput_IsTheModels_AndMayBeTriedAgain(string code)
    {
        var body = RawJson.Of($$$"""{"error":{"message":"No.","type":"invalid_request_error","code":"{{{code}}}","status_code":400}}""");
        foreach (var fault in new[] { FaultReader.Read(body, 400, Now), FaultReader.ReadEvent(body, Now) })
            Assert.Equal((FaultKind.Server, true), (fault.Kind, fault.IsBrokenOutput));
    }

    [Theory]
    [InlineData("""{"code":"permission-denied","error":"Content violates usage guidelines. "}""", "refused")]
    [InlineData("""{"error":{"code":403,"message":"No.","metadata":{"reasons":["sexual"],"flagged_input":"a…b"}}}""", "refused")]
    [InlineData("""{"error":{"code":403,"message":"x requires moderation on y. Your input was flagged."}}""", "refused")]
    [InlineData("""{"error":{"type":"permission_error","message":"Blocked by our content policy."}}""", "refused")]
    [InlineData("""{"error":{"code":"content_policy_violation","message":"No."}}""", "refused")]
    [InlineData("""{"error":{"message":"Your account was flagged for a violation of our usage policies."}}""", "unauthorized")]
    [InlineData("""{"error":{"type":"permission_error","message":"This organization was disabled under our usage policy."}}""",
        "unauthorized")]
    [InlineData("""{"error":{"code":403,"message":"Key limit exceeded","metadata":{"reasons":[]}}}""", "unauthorized")]
    [InlineData("""{"error":{"message":"Project p has no access to model m.","code":"model_not_found"}}""", "model_not_found")]
    public void ForbiddenContent_IsTheRequests_AndAForbiddenKeyIsNot(string body, string kind)
    {
        var fault = FaultReader.Read(RawJson.Of(body), 403, Now);
        Assert.Equal((kind, 403), (FaultKinds.Name(fault.Kind), fault.Status));
    }

    [Fact]
    public void RefusedKey_StaysOne_WhateverItsMessageSays() => Assert.Equal(FaultKind.Unauthorized,
        FaultReader.Read(RawJson.Of("""{"error":{"message":"This key was flagged."}}"""), 401, Now).Kind);

    [Theory]
    [InlineData("""[{"error":{"code":400,"message":"a word","status":"INVALID_ARGUMENT"}}]""")]
    [InlineData("""{"detail":[{"loc":["body","messages"],"msg":"a word","type":"missing"}]}""")]
    [InlineData("""{"detail":"a word"}""")]
    [InlineData("""{"error":"a word"}""")]
    [InlineData("\"a word\"")]
    public void Words_AreFound_WhereverTheyStand(string body) =>
        Assert.Equal("a word", FaultReader.Read(RawJson.Of(body), 422, Now).Message);

    [Theory]
    [InlineData("""["body","top_k"]""", "top_k")]
    [InlineData("""["body","messages",2,"content"]""", "messages[2].content")]
    [InlineData("""["body"]""", null)]
    [InlineData("""["query","x"]""", null)]
    [InlineData("\"body\"", null)]
    public void Field_IsFound_WhereFastApiNamesIt(string place, string? param) => Assert.Equal(param, FaultReader.Read(
        RawJson.Of($$"""{"detail":[{"loc":{{place}},"msg":"a word","type":"missing"}]}"""), 422, Now).Param);

    [Fact]
    public void Delay_IsRead_FromGooglesDetails() => Assert.Equal(TimeSpan.FromSeconds(23), FaultReader.Read(RawJson.Of(
        """[{"error":{"code":429,"message":"quota","details":[{"@type":"RetryInfo","retryDelay":"23s"}]}}]"""), 429, Now).RetryAfter);

    [Theory]
    [InlineData("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", true)]
    [InlineData("The decoder prompt (length 10000) is longer than the maximum model length of 8192. See `max_model_len`.", true)]
    [InlineData("The request exceeds the available context size, try increasing it", true)]
    [InlineData("The input (5000 tokens) is longer than the model's context length (4096 tokens).", true)]
    [InlineData("Input length (160062 tokens) exceeds the maximum allowed length (131072 tokens).", true)]
    [InlineData("However, the model is loaded with context length of only 4096 tokens, which is not enough.", true)]
    [InlineData("The number of tokens to keep is greater than the context length (5000 >= 4096).", true)]
    [InlineData("Your input exceeds the context window of this model. Please adjust your input and try again.", true)]
    [InlineData("prompt is too long: 5000 tokens > 4096 maximum", true)]
    [InlineData("The input token count (5000) exceeds the maximum number of tokens allowed (4096).", true)]
    [InlineData("Invalid request: Your request exceeded model token limit: 262144", true)]
    [InlineData("invalid params, context window exceeds limit", true)]
    [InlineData("Prompt exceeds max length", true)]
    [InlineData("Range of input length should be [1, 98304]", true)]
    [InlineData("prompt token count of 135000 exceeds the limit of 128000", true)]
    [InlineData("too many tokens: total number of tokens in the prompt exceeds the limit of 4081", true)]
    [InlineData("Input validation error: `inputs` must have less than 4096 tokens. Given: 5000", true)]
    [InlineData("`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens and 0 `max_new_tokens`", true)]
    [InlineData("`max_tokens` is too large: 5000. This model's maximum context length is 4096 tokens", false)]
    [InlineData("'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens", false)]
    [InlineData("input length and `max_tokens` exceed context limit: 4000 + 1000 > 4096", false)]
    [InlineData("Invalid value: 'context'", false)]
    public void PromptThatIsTooLong_HasTheCodeThatClientsKnow_WhateverTheStatus(string message, bool isTooLong)
    {
        var body = RawJson.Of($$$"""{"error":{"type":"server_error","message":{{{JsonSerializer.Serialize(message)}}} }}""");
        foreach (var status in new[] { 0, 400, 422, 500 })
        {
            var fault = FaultReader.Read(body, status, Now);
            Assert.Equal((isTooLong, message),
                (fault is { Kind: FaultKind.Refused, Code: "context_length_exceeded", Status: 400 }, fault.Message));
        }
    }

    /// <summary>A code that only says that something is wrong, a number or a sentence is no word for it; one of another kind is.</summary>
    [Theory]
    [InlineData("""{"code":"invalid_parameter_error","message":"Range of input length should be [1, 98304]"}""", true)]
    [InlineData("""{"code":"1261","message":"Prompt exceeds max length"}""", true)]
    [InlineData("""{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072"}""", true)]
    [InlineData("""{"object":"error","message":"Prompt contains 70000 tokens: maximum context length is 32768","code":"3051"}""", true)]
    [InlineData("""{"error":{"message":"No.","code":"model_max_prompt_tokens_exceeded"}}""", true)]
    [InlineData("""{"error":{"code":400,"message":"No.","type":"exceed_context_size_error"}}""", true)]
    [InlineData("""{"error":{"message":"prompt is too long","code":"own"}}""", false)]
    [InlineData("""{"error":{"message":"prompt is too long","code":"rate_limit_exceeded"}}""", false)]
    [InlineData("""{"error":{"message":"prompt is too long","code":"invalid_api_key"}}""", false)]
    public void PromptThatIsTooLong_IsKnown_UnlessTheCodeSaysSomethingElse(string body, bool isTooLong) =>
        Assert.Equal(isTooLong, FaultReader.Read(RawJson.Of(body), 400, Now).Code == "context_length_exceeded");

    /// <summary>What a proxy passes on is what counts; a page, or what says nothing, is no word.</summary>
    [Theory]
    [InlineData(""" "{'error':{'message':'a word','code':'unsupported_value'}}" """, "a word", "unsupported_value")]
    [InlineData("""{'error':{'message':'a word'}}""", "a word", null)]
    [InlineData(""" "[{'error':{'message':'a word'}}]" """, "a word", null)]
    [InlineData(""" "a word" """, "a word", null)]
    [InlineData(""" "{'error':{'mess" """, "{\"error\":{\"mess", null)]
    [InlineData(""" "<html>" """, "Provider returned error", null)]
    [InlineData(""" "{}" """, "Provider returned error", null)]
    [InlineData("7", "Provider returned error", null)]
    public void ProvidersWords_AreTold_WhereAProxyPutsThemBesideItsOwn(string raw, string message, string? code)
    {
        raw = raw.Replace("'", raw.Contains('"', StringComparison.Ordinal) ? "\\\"" : "\"", StringComparison.Ordinal);
        var fault = FaultReader.Read(
            RawJson.Of($$$$"""{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":{{{{raw}}}}}}}"""), 400, Now);
        Assert.Equal((FaultKind.Refused, message, code, 400), (fault.Kind, fault.Message, fault.Code, fault.Status));
    }

    /// <summary>A model that is said to lack something is there: the next request may well be one for it.</summary>
    [Fact]
    public void ProvidersPlainWords_ExplainTheStatus() => Assert.Equal(FaultKind.Refused, FaultReader.Read(
        RawJson.Of("""{"error":{"message":"Provider returned error","code":404,"metadata":{"raw":"No images here"}}}"""), 404, Now).Kind);

    /// <summary>Of an account that will never send so much in a minute no pause helps: another destination may take it.</summary>
    [Theory]
    [InlineData(413, "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000")]
    [InlineData(413, "No.")]
    [InlineData(429, "Request too large for m on tokens per min (TPM): Limit 6000, Requested 9000. They must be reduced.")]
    public void RequestBeyondTheRate_IsRefused_AndNothingToWaitFor(int status, string message)
    {
        var fault = FaultReader.Read(
            RawJson.Of($$$"""{"error":{"message":"{{{message}}}","type":"tokens","code":"rate_limit_exceeded"}}"""), status, Now);
        Assert.Equal((FaultKind.Refused, "request_too_large", 413, true, message),
            (fault.Kind, fault.Code, fault.Status, fault.FitsElsewhere, fault.Message));
    }

    [Theory]
    [InlineData("Rate limit reached: Limit 30000, Used 22999, Requested 12528. Please try again in 11.054s.", 11.054)]
    [InlineData("Please try again in 6m0s. Visit us.", 360d)]
    [InlineData("Please try again in 20ms", 0.02)]
    [InlineData("Please retry after 26 seconds.", 26d)]
    [InlineData("You exceeded your quota. Please retry in 23.4s.", 23.4)]
    [InlineData("Please try again in 1 minute.", 60d)]
    [InlineData("Please try again in a while.", null)]
    [InlineData("Please try again in 5 apples.", null)]
    public void Delay_IsRead_FromTheWords_WhereNothingElseSaysIt(string message, double? seconds)
    {
        var body = RawJson.Of($$$"""{"error":{"message":"{{{message}}}","code":"rate_limit_exceeded"}}""");
        Assert.Equal(seconds, FaultReader.ReadEvent(body, Now).RetryAfter?.TotalSeconds);
        Assert.Equal(3, FaultReader.Read(body, 429, Now, TimeSpan.FromSeconds(3)).RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData(1002, "rate_limited")]
    [InlineData(1008, "unauthorized")]
    [InlineData(2013, "refused")]
    [InlineData(1013, "server_error")]
    public void MiniMaxsNumbers_SayWhoseFaultItIs(int number, string kind)
    {
        var fault = FaultReader.ReadEvent(
            RawJson.Of($$$"""{"base_resp":{"status_code":{{{number}}},"status_msg":"a word"}}"""), Now);
        Assert.Equal((kind, "a word"), (FaultKinds.Name(fault.Kind), fault.Message));
    }
}
