using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;

namespace Samovar.Tests.Routing;

public sealed class UpstreamWordsTests
{
    [Theory]
    [InlineData("chat", "max_completion_tokens", "Invalid 'max_completion_tokens'.", "max_output_tokens",
        "Invalid 'max_output_tokens'.")]
    [InlineData("chat", "max_tokens", "Invalid 'max_tokens'.", "max_output_tokens", "Invalid 'max_output_tokens'.")]
    [InlineData("chat", "response_format.json_schema.schema", "x", "text.format.schema", "x")]
    [InlineData("chat", "tools[2].function.parameters", "x", "tools[2].parameters", "x")]
    [InlineData("chat", "messages[3].content", "Bad 'messages[3].content'.", "input", "Bad 'input'.")]
    [InlineData("chat", "reasoning_effort", "x", "reasoning.effort", "x")]
    [InlineData("chat", "temperature", "x", "temperature", "x")]
    [InlineData("chat", null, "messages: x", null, "messages: x")]
    [InlineData("messages", null, "max_tokens: must be lower", "max_output_tokens", "'max_output_tokens': must be lower")]
    [InlineData("messages", null, "messages.2.content.0.text: Field required", "input", "'input': Field required")]
    [InlineData("messages", null, "tools.0.input_schema: Field required", "tools[0].parameters",
        "'tools[0].parameters': Field required")]
    [InlineData("messages", null, "Something else: of it", null, "Something else: of it")]
    [InlineData("responses-http", "text.format", "'text.format' is odd", "text.format", "'text.format' is odd")]
    public void Complaint_IsPutIntoOurWords(string kind, string? theirs, string message, string? ours, string told)
    {
        var fault = UpstreamWords.Ours(new UpstreamFault(FaultKind.Refused, message) { Param = theirs }, KindOf(kind));
        Assert.Equal((ours, told), (fault.Param, fault.Message));
    }

    private static DestinationKind KindOf(string kind) => kind switch
    {
        "chat" => DestinationKind.Chat,
        "messages" => DestinationKind.Messages,
        _ => DestinationKind.ResponsesHttp,
    };
}
