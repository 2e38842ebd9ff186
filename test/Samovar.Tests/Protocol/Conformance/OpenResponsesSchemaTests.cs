using System.Text.Json.Nodes;
using Samovar.Tests.Protocol.Responses;

namespace Samovar.Tests.Protocol.Conformance;

/// <summary>The validator refuses what the real one was seen to refuse, so that passing it means something.</summary>
public sealed class OpenResponsesSchemaTests
{
    [Fact]
    public void MinimalResponse_Passes() => Assert.Empty(Problems(ResponseWriterTests.Minimal));

    [Theory]
    [InlineData("temperature", "null")]
    [InlineData("service_tier", "null")]
    [InlineData("top_logprobs", "null")]
    [InlineData("truncation", "null")]
    [InlineData("text", "{}")]
    [InlineData("text", """{"format":{"type":"text"},"verbosity":null}""")]
    [InlineData("created_at", "1.5")]
    [InlineData("instructions", "[]")]
    [InlineData("reasoning", "{}")]
    [InlineData("reasoning", """{"effort":"minimal","summary":null}""")]
    [InlineData("usage", """{"input_tokens":1,"output_tokens":1,"total_tokens":2}""")]
    [InlineData("presence_penalty", null)]
    [InlineData("tools", """[{"type":"function","name":"f","description":null,"parameters":null}]""")]
    [InlineData("tools", """[{"type":"custom","name":"f"}]""")]
    [InlineData("tool_choice", """{"type":"custom","name":"f"}""")]
    [InlineData("output", """[{"id":"m","type":"message","role":"assistant","status":"completed","content":[],"phase":null}]""")]
    [InlineData("output", """[{"id":"r","type":"reasoning","summary":[],"encrypted_content":null}]""")]
    [InlineData("output", """[{"id":"r","type":"reasoning","summary":[],"content":null}]""")]
    [InlineData("output", """[{"id":"f","type":"function_call","call_id":"c","name":"f","arguments":""}]""")]
    [InlineData("output",
        """[{"id":"m","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":""}]}]""")]
    [InlineData("output", """[{"id":"x","type":"custom_tool_call","call_id":"c","name":"f","input":""}]""")]
    public void KnownTraps_AreRefused(string field, string? value)
    {
        var response = JsonNode.Parse(ResponseWriterTests.Minimal)!.AsObject();
        response.Remove(field);
        if (value is not null) response[field] = JsonNode.Parse(value);
        Assert.NotEmpty(Problems(response.ToJsonString()));
    }

    private static List<string> Problems(string response) => OpenResponsesSchema.Response(Samples.Element(Samples.Utf8(response)));
}
