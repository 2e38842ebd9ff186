using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

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
    public void Complaint_IsPutIntoOurWords(string kind, string? theirs, string message, string? ours, string seen)
    {
        var said = new UpstreamFault(FaultKind.Refused, message, Status: 400) { IsQuoted = true, Param = theirs };
        var fault = UpstreamWords.Ours(said, Calls.Of(kind));
        Assert.Equal((ours, seen), (fault.Param, fault.Message));
    }

    /// <summary>The upstream counts its items from the start of the chain, the client from the start of its own request.</summary>
    [Theory]
    [InlineData("input[0].content", 0, "input")]
    [InlineData("input[1]", 0, "input")]
    [InlineData("input[2].content[1]", 0, "input[0].content[1]")]
    [InlineData("input[3]", 5, "input[6]")]
    [InlineData("input", 0, "input")]
    [InlineData("input[x]", 0, "input[x]")]
    public void Item_IsFoundWhereTheClientPutIt(string theirs, int inputStart, string ours)
    {
        var said = ItemReader.Read("""{"role":"user","content":"x"}"""u8.ToArray(), ProtocolLimits.Default);
        var parent = new ChainNode
        {
            Tenant = TenantId.Local, Id = new ResponseId("resp_0"), Parent = null, Input = [said], Bytes = 0,
            Response = new Response
            {
                Id = new ResponseId("resp_0"), CreatedAt = default, Status = ResponseStatus.Completed, Model = "m",
                Request = new CreateRequest(), Output = [said],
            },
        };
        var call = Calls.Of("responses-http", context: new TurnContext(parent, [said, said]) { InputStart = inputStart });
        var fault = UpstreamWords.Ours(new UpstreamFault(FaultKind.Refused, $"Bad '{theirs}'.", Status: 400)
        {
            IsQuoted = true, Param = theirs,
        }, call);
        Assert.Equal((ours, $"Bad '{ours}'."), (fault.Param, fault.Message));
    }
}
