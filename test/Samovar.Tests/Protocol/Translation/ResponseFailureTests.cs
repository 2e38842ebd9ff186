using System.Globalization;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Tests.Protocol.Translation;

/// <summary>A response that failed keeps a code and a text; where it is answered as an error, that one has its own status again.</summary>
public sealed class ResponseFailureTests
{
    [Theory]
    [InlineData("server_error", "The upstream failed: The connection to 'a' was lost.", 502)]
    [InlineData("server_error", "The upstream did not answer in time: 30 s.", 504)]
    [InlineData("server_error", "The server had an error while processing the request.", 500)]
    [InlineData("server_error", "something else", 500)]
    [InlineData("rate_limit_exceeded", "The rate limit is reached; try again in 2 s.", 429)]
    [InlineData("nobody_knows_it", "odd {0}", 500)]
    public void Failure_HasTheStatusOfItsError(string code, string message, int status)
    {
        var error = ResponseFailure.Of(new ResponseView { Error = new ResponseError(code, message) });
        Assert.Equal((status, message), (error.Kind.Status, error.Message));
    }

    [Fact]
    public void EveryErrorOfAnUpstream_IsFoundAgainByItsWords()
    {
        ErrorKind[] kinds = [UpstreamFailed, UpstreamTimedOut, UpstreamUnavailable];
        foreach (var kind in kinds)
        {
            var message = string.Format(CultureInfo.InvariantCulture, kind.Message, "x");
            var response = new ResponseView { Error = new ResponseError(kind.Code, message) };
            Assert.Equal(kind.Status, ResponseFailure.Of(response).Kind.Status);
        }
    }
}
