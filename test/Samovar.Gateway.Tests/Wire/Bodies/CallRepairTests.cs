using System.Text;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Wire.Bodies;

/// <summary>A call whose arguments are broken keeps all else that it came with, and gets nothing that it never had.</summary>
public sealed class CallRepairTests
{
    [Theory]
    [InlineData("""{"type":"function_call","call_id":"c","name":"look","arguments":""}""",
        """{"type":"function_call","call_id":"c","name":"look","arguments":"{}","status":"completed"}""")]
    [InlineData("""{"type":"function_call","id":"fc_1","call_id":"c","namespace":"fs","name":"f","arguments":"{","status":"incomplete"}""",
        """{"type":"function_call","id":"fc_1","call_id":"c","namespace":"fs","name":"f","arguments":"{}","status":"completed"}""")]
    [InlineData("""{"type":"function_call","call_id":"c","name":"look","async":true,"x":{ "y":1.50 },"arguments":"x"}""",
        """{"type":"function_call","call_id":"c","name":"look","async":true,"x":{ "y":1.50 },"arguments":"{}","status":"completed"}""")]
    public void BrokenArguments_AreMended_AndNothingElse(string call, string right)
    {
        var repaired = Assert.IsType<FunctionCallItem>(CallRepair.Of(Read(call)));
        Assert.Equal(right, repaired.Json.ToString());
        Assert.Equal(("{}", false), (repaired.Arguments, repaired.IsCutOff));
    }

    [Fact]
    public void ACallThatIsWhole_IsTheSame()
    {
        var call = Read("""{ "type":"function_call","call_id":"c","name":"look","arguments":"{}" }""");
        Assert.Same(call, CallRepair.Of(call));
    }

    private static Item Read(string json) => ItemReader.Read(Encoding.UTF8.GetBytes(json), ProtocolLimits.Default);
}
