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
    [InlineData(404, """{"error":{"message":"no such model","code":"model_not_found"}}""", "refused")]
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
    [InlineData("""{"error":{"message":"Project p has no access to model m.","code":"model_not_found"}}""", "unauthorized")]
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
}
