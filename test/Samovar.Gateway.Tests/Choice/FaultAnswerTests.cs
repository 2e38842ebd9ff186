using Samovar.Gateway.Choice;
using Samovar.Gateway.Faults;
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
}
