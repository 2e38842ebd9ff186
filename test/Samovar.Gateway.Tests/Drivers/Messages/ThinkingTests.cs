using System.Text;
using Samovar.Context;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Core;

namespace Samovar.Gateway.Tests.Drivers.Messages;

public sealed class ThinkingTests
{
    private const string Asked = """{"type":"message","role":"user","content":"x"}""";
    private const string Call = """{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}""";
    private const string Result = """{"type":"function_call_output","call_id":"c","output":"1"}""";
    private const string Said = """{"type":"message","role":"assistant","content":"y"}""";
    private const string Thought =
        """{"type":"reasoning","summary":[],"content":[],"encrypted_content":"anthropic-signature:sig"}""";

    [Theory]
    [InlineData(true, Asked)]
    [InlineData(true, Asked, Said, Asked)]
    [InlineData(false, Asked, Call, Result)] // a resent loop whose thoughts the client could not keep
    [InlineData(true, Asked, Thought, Call, Result)]
    [InlineData(false, Asked, Thought, Call, Result, Call, Result)]
    [InlineData(true, Asked, Call, Result, Said, Asked)]
    public void ModelThinks_UnlessItsCallsLackTheirThoughts(bool thinks, params string[] items)
    {
        var input = items.Select(item => ItemReader.Read(Encoding.UTF8.GetBytes(item), ProtocolLimits.Default)).ToList();
        Assert.Equal(thinks ? 8192 : null, Thinking.Budget("medium", 32_000, new TurnContext(null, input)));
    }
}
