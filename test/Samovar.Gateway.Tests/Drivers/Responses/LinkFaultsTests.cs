using Samovar.Client.Errors;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Tests.Drivers.Responses;

public sealed class LinkFaultsTests
{
    [Theory]
    [InlineData("InvalidRequest", 302, true, null, "Connect")]
    [InlineData("InvalidRequest", 405, true, null, "Connect")]
    [InlineData("NotFound", 404, true, null, "Connect")]
    [InlineData("Unreadable", 200, true, null, "Connect")]
    [InlineData("InvalidRequest", 400, true, null, "Connect")]
    [InlineData("InvalidRequest", 400, false, null, "Refused")]
    [InlineData("InvalidRequest", 451, true, null, "Connect")]
    [InlineData("Authentication", 401, true, null, "Connect")]
    [InlineData("Authentication", 403, true, null, "Connect")]
    [InlineData("Authentication", 407, true, null, "Unauthorized")]
    [InlineData("Server", 501, true, null, "Connect")]
    [InlineData("InvalidRequest", 402, true, null, "Unauthorized")]
    [InlineData("InvalidRequest", 402, false, "no_credit", "Unauthorized")]
    [InlineData("Authentication", 401, false, "content_policy", "Unauthorized")]
    [InlineData("Authentication", 403, false, "permission_denied", "Unauthorized")]
    [InlineData("Authentication", 403, false, "content_policy", "Refused")]
    [InlineData("NotFound", 404, false, null, "Refused")]
    [InlineData("NotFound", 404, false, "model_not_found", "NoModel")]
    [InlineData("InvalidRequest", 405, false, null, "Server")]
    [InlineData("InvalidRequest", 499, true, null, "Server")]
    [InlineData("InvalidRequest", null, false, null, "Refused")]
    [InlineData("TooLarge", 413, false, null, "Refused")]
    [InlineData("TooLarge", null, false, null, "TooLarge")]
    public void Refusal_IsTheClientsFault_OnlyWhereAServerOfTheApiSaysSo(
        string kind, int? status, bool isForeign, string? code, string expected)
    {
        var refused = new ResponsesException(Enum.Parse<ResponsesErrorKind>(kind), "<html>")
        { Status = status, IsForeign = isForeign, Code = code };
        var fault = LinkFaults.Of(refused);
        Assert.Equal(expected, fault.Kind.ToString());
        Assert.Equal(isForeign, !fault.Message.Contains('<', StringComparison.Ordinal));
    }

    [Fact]
    public void RequestThatIsTooLongForTheLink_IsTheClients()
    {
        var fault = LinkFaults.Of(new ResponsesException(ResponsesErrorKind.TooLarge, "too long") { Code = "request_too_large" });
        Assert.Equal((FaultKind.Refused, "request_too_large", 413), (fault.Kind, fault.Code, fault.Status));
    }
}
