using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Gateway.Drivers.Messages;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Some providers run a call of their own and say its result in the same answer.</summary>
public sealed class MakersResultTests
{
    private const string Use = """{"type":"tool_use","id":"c_1","name":"find","input":{}}""";
    private const string Result = """{"type":"tool_result","tool_use_id":"c_1","content":[{"type":"text","text":"found"}]}""";
    private const string History = """{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[""" + Use + "," + Result
        + """,{"type":"text","text":"So."}]},{"role":"user","content":"y"}]}""";

    [Theory]
    [InlineData("messages")]
    [InlineData("chat")]
    [InlineData("responses-http")]
    public async Task CallThatItsMakerRan_HasThatResult(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(MessagesRequestReader.Read(Encoding.UTF8.GetBytes(History), ProtocolLimits.Default).Request);
        Assert.Null(result.Error);
        var sent = JsonSerializer.Serialize(upstream.Requests.Last().Json);
        Assert.DoesNotContain("Not run", sent, StringComparison.Ordinal);
        Assert.Contains("found", sent, StringComparison.Ordinal);
        Assert.Equal(2, sent.Split("\"c_1\"").Length - 1); // the call, and its result
    }

    [Fact]
    public void CarriedBlock_HasAnIdOfItsOwn()
    {
        var reader = new MessagesReader(Calls.Of("messages"), new IdSource());
        var events = new List<BackendEvent>();
        foreach (var at in new[] { 0, 1 })
            reader.Read(RawJson.Of($$"""{"type":"content_block_start","index":{{at}},"content_block":{{Result}}}"""), events);
        reader.Read(RawJson.Of("""{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"""), events);
        reader.Read(RawJson.Of("""{"type":"message_stop"}"""), events);
        var ids = events.OfType<BackendEvent.CarriedItem>().Select(carried => carried.Item.Text("id"u8)).ToList();
        Assert.All(ids, id => Assert.StartsWith("mb_", id, StringComparison.Ordinal));
        Assert.Equal(2, ids.Distinct(StringComparer.Ordinal).Count());
    }
}
