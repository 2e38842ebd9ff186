using System.Globalization;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>How a response ended and what it used, as upstreams say it or leave it out.</summary>
public sealed class ResponseEndTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData(""","usage":null""", null)]
    [InlineData(""","usage":{}""", null)]
    [InlineData(""","usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0}""", null)]
    [InlineData(""","usage":{"output_tokens":2}""", null)]
    [InlineData(""","usage":{"input_tokens":-1,"output_tokens":2}""", null)]
    [InlineData(""","usage":{"input_tokens":7,"output_tokens":2}""", "7 0 2")]
    [InlineData(""","usage":{"prompt_tokens":7,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens":2}""", "7 3 2")]
    public void MissingUsage_IsMissing(string usage, string? right)
    {
        var reader = Read($$$"""{"type":"response.completed","response":{"id":"r","status":"completed"{{{usage}}}}}""");
        Assert.Equal(right, reader.Usage is { } read ? $"{read.InputTokens} {read.CachedTokens} {read.OutputTokens}" : null);
    }

    [Theory]
    [InlineData("response.completed", "\"completed\"", "null", null)]
    [InlineData("response.completed", "null", "null", null)]
    [InlineData("response.completed", "\"in_progress\"", "null", null)]
    [InlineData("response.completed", "\"incomplete\"", "null", "max_output_tokens")]
    [InlineData("response.done", "\"incomplete\"", "{\"reason\":\"content_filter\"}", "content_filter")]
    [InlineData("response.completed", "\"completed\"", "{\"reason\":\"max_output_tokens\"}", "max_output_tokens")]
    [InlineData("response.completed", "\"completed\"", "{\"reason\":\"content_filter\"}", "content_filter")]
    [InlineData("response.completed", "\"completed\"", "{\"reason\":\"stop\"}", null)]
    [InlineData("response.completed", "\"completed\"", "{\"reason\":\"odd\"}", null)]
    [InlineData("response.completed", "\"completed\"", "{}", null)]
    [InlineData("response.incomplete", "null", "null", "max_output_tokens")]
    [InlineData("response.incomplete", "\"completed\"", "{\"reason\":\"length\"}", "max_output_tokens")]
    [InlineData("response.incomplete", "\"incomplete\"", "{\"reason\":\"max_tool_calls\"}", "max_tool_calls")]
    [InlineData("response.completed", "\"failed\"", "null", "fault")]
    [InlineData("response.done", "\"cancelled\"", "null", "fault")]
    [InlineData("response.cancelled", "\"cancelled\"", "null", "fault")]
    [InlineData("response.failed", "null", "null", "fault")]
    [InlineData("response.completed", "\"exploded\"", "null", "fault")]
    public void Ends_AreWhatTypeAndStatusTogetherSay(string type, string status, string details, string? right)
    {
        var end = $$$"""{"type":"{{{type}}}","response":{"id":"r","status":{{{status}}},"incomplete_details":{{{details}}}}}""";
        if (right == "fault") Assert.Throws<UpstreamException>(() => Read(end));
        else Assert.Equal(right, Read(end).IncompleteReason);
    }

    [Theory]
    [InlineData(""" "response":{"error":{"code":"rate_limit_exceeded","message":"slow down"}} """)]
    [InlineData(""" "response":{"error":null},"error":{"code":"rate_limit_exceeded","message":"slow down"} """)]
    [InlineData(""" "error":{"code":"rate_limit_exceeded","message":"slow down"} """)]
    public void ErrorOfAFailedResponse_MayStandBesideIt(string rest)
    {
        var fault = Assert.Throws<UpstreamException>(() => Read($$"""{"type":"response.failed",{{rest}}}""")).Fault;
        Assert.Equal((FaultKind.RateLimited, "rate_limit_exceeded", "slow down"), (fault.Kind, fault.Code, fault.Message));
    }

    [Theory]
    [InlineData("7", """{"type":"response.completed","response":{"id":"r","usage":null},"usage":{"input_tokens":7,"output_tokens":2}}""")]
    [InlineData("7", """{"type":"response.in_progress","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":2}}}""",
        """{"type":"response.completed","response":{"id":"r","usage":null}}""")]
    [InlineData("8", """{"type":"response.in_progress","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":2}}}""",
        """{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":8,"output_tokens":2}}}""")]
    [InlineData(null, """{"type":"response.in_progress","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":0}}}""",
        """{"type":"response.completed","response":{"id":"r","usage":null}}""")]
    public void Usage_MayStandBesideTheResponse_OrComeBeforeItsEnd(string? input, params string[] stream) =>
        Assert.Equal(input, Read(stream).Usage?.InputTokens.ToString(CultureInfo.InvariantCulture));

    private static ResponsesReader Read(params string[] stream)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        foreach (var json in stream) reader.Read(RawJson.Of(json), []);
        return reader;
    }
}
