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

    /// <summary>Our own maximum is none that a client could lower.</summary>
    [Theory]
    [InlineData("input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000", null, "context_length_exceeded")]
    [InlineData("input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000", 32000,
        "invalid_request_error")]
    [InlineData("max_tokens: 32000 > 8192, which is the maximum", null, "invalid_request_error")]
    public void PromptAndOurMaximum_AreAPromptThatIsTooLong_WhereTheClientSetNone(string message, int? set, string code)
    {
        var fault = FaultReader.Read(RawJson.Of($$$"""{"error":{"type":"invalid_request_error","message":"{{{message}}}"}}"""), 400,
            DateTimeOffset.UnixEpoch);
        var call = Calls.Of("messages", outputMax: set);
        Assert.Equal((code, message), (FaultAnswer.For(fault, call).Kind.Code, FaultAnswer.For(fault, call).Message));
    }

    [Fact]
    public void WaitThatABusyUpstreamAsksFor_IsTold() => Assert.Equal(TimeSpan.FromSeconds(30), FaultAnswer.For(FaultReader.Read(
        RawJson.Of("""{"error":{"message":"Model is loading"}}"""), 503, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(30))).RetryAfter);
}
