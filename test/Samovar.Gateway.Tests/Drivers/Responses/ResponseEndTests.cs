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

    private static ResponsesReader Read(string end)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        reader.Read(RawJson.Of(end), []);
        return reader;
    }
}
