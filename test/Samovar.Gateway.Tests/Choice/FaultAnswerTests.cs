using Samovar.Gateway.Choice;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

public sealed class FaultAnswerTests
{
    [Theory]
    [InlineData(true, 401, null, "invalid_api_key", 401)]
    [InlineData(true, 402, null, "insufficient_quota", 402)]
    [InlineData(true, 403, null, "permission_denied", 403)]
    [InlineData(true, 0, "permission_error", "permission_denied", 403)]
    [InlineData(true, 0, "authentication_error", "invalid_api_key", 401)]
    [InlineData(true, 407, null, "server_error", 502)]
    [InlineData(false, 401, null, "server_error", 502)]
    [InlineData(false, 402, null, "server_error", 502)]
    [InlineData(false, 403, null, "server_error", 502)]
    public void RefusedKey_IsTheClientsFault_WhereItIsTheClients(
        bool passesKeys, int status, string? type, string code, int expected)
    {
        var fault = new UpstreamFault(FaultKind.Unauthorized, "sk-secret is wrong", Status: status) { IsQuoted = true, Type = type };
        var answer = FaultAnswer.For(fault, Calls.Of("chat", passesKeys: passesKeys));
        Assert.Equal((code, expected), (answer.Kind.Code, answer.Kind.Status));
        Assert.DoesNotContain("sk-secret", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", true)]
    [InlineData("The request exceeds the available context size, try increasing it", true)]
    [InlineData("The input (5000 tokens) is longer than the model's context length (4096 tokens).", true)]
    [InlineData("Your input exceeds the context window of this model. Please adjust your input and try again.", true)]
    [InlineData("prompt is too long: 5000 tokens > 4096 maximum", true)]
    [InlineData("The input token count (5000) exceeds the maximum number of tokens allowed (4096).", true)]
    [InlineData("`max_tokens` is too large: 5000. This model's maximum context length is 4096 tokens", false)]
    [InlineData("input length and `max_tokens` exceed context limit: 4000 + 1000 > 4096", false)]
    [InlineData("Invalid value: 'context'", false)]
    public void PromptThatIsTooLong_HasTheCodeThatClientsKnow_WhereTheUpstreamHasNone(string message, bool isTooLong)
    {
        var fault = new UpstreamFault(FaultKind.Refused, message, Status: 400) { IsQuoted = true };
        Assert.Equal((isTooLong ? "context_length_exceeded" : "invalid_request_error", message),
            (FaultAnswer.For(fault).Kind.Code, FaultAnswer.For(fault).Message));
        Assert.Equal("own", FaultAnswer.For(fault with { Code = "own" }).Kind.Code);
    }

    /// <summary>A code that only says that the request is wrong, a number or a sentence is no word for it.</summary>
    [Theory]
    [InlineData("""
        {"error":{"message":"This model's maximum context length is 65536 tokens. However, you requested 70000 tokens",
        "type":"invalid_request_error","param":null,"code":"invalid_request_error"}}
        """)]
    [InlineData("""{"object":"error","message":"Prompt contains 70000 tokens: maximum context length is 32768","code":"3051"}""")]
    [InlineData("""{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072"}""")]
    public void PromptThatIsTooLong_HasTheCode_WhateverOfItsOwnTheUpstreamPutsThere(string body)
    {
        var fault = FaultReader.Read(RawJson.Of(body), 400, DateTimeOffset.UnixEpoch);
        Assert.Equal("context_length_exceeded", FaultAnswer.For(fault).Kind.Code);
    }
}
