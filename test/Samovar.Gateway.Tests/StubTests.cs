using Samovar.Chains;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Items;
using Samovar.Testing.Servers;

namespace Samovar.Gateway.Tests;

/// <summary>Agent loops against a server that is not ours, with its own faults.</summary>
public sealed class StubTests
{
    private const string Steps = "[[steps=4]] [[out=50]] [[par=2]] [[think=enc]] [[say=working]] go";

    [Theory]
    [InlineData("responses-ws", "full", "[]")]
    [InlineData("responses-http", "full", "[]")]
    [InlineData("responses-ws", "min", "[]")]
    [InlineData("responses-ws", "last", "[]")]
    [InlineData("responses-http", "nodone", "[]")]
    [InlineData("responses-ws", "nodelta", "[]")]
    [InlineData("responses-ws", "full", """[{"on":"ws","n":3,"do":"forget"}]""")]
    [InlineData("responses-ws", "full", """[{"on":"ws","n":2,"do":"destroy"},{"on":"ws","n":5,"do":"close","code":1012}]""")]
    [InlineData("responses-ws", "full", """[{"on":"ws","n":2,"do":"close-after"},{"on":"ws","n":4,"do":"destroy-after"}]""")]
    [InlineData("responses-ws", "full", """[{"on":"upgrade","n":1,"do":"status","status":426}]""")]
    [InlineData("responses-http", "full", """[{"on":"http","n":[2,4],"do":"status","status":503}]""")]
    [InlineData("responses-http", "full", """[{"on":"http","n":3,"do":"cut","after":1}]""")]
    public async Task AgentLoop_RunsToItsEnd(string kind, string events, string faults)
    {
        if (ResponsesStub.Folder is null) Assert.Skip("The stub or its packages are not at hand.");
        await using var stub = await ResponsesStub.StartAsync(ResponsesStub.Folder, ("EVENTS", events), ("FAULTS", faults));
        var options = TestGateway.Options(kind);
        options.Pools[0].Destinations.Add(
            new DestinationOptions { Name = "stub", Kind = kind, BaseUrl = stub.BaseUrl, Models = { TestGateway.Model } });
        using var gateway = new TestGateway(options);

        ChainNode? node = null;
        var input = TestGateway.User(Steps);
        for (var step = 0; step < 4; step++)
        {
            var result = await gateway.TurnAsync(node, input, TestGateway.Tools + ",\"store\":false");
            node = result.Node;
            var calls = node.Output.OfType<FunctionCallItem>().ToList();
            Assert.Equal(2, calls.Count);
            Assert.Contains(node.Output, item => item is ReasoningItem { EncryptedContent: not null });
            input = "[" + string.Join(',',
                calls.Select(call => $$"""{"type":"function_call_output","call_id":"{{call.CallId}}","output":"ok"}""")) + "]";
        }
        var last = await gateway.TurnAsync(node, input, TestGateway.Tools + ",\"store\":false");
        Assert.Equal("DONE", last.Text);
    }
}
