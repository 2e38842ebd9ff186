using System.Text.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Tools;

/// <summary>A choice of tools, at upstreams that have no word for it.</summary>
public sealed class AllowedToolsTests
{
    private const string Settings = """
        ,"tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"namespace","name":"n","description":"d",
        "tools":[{"type":"function","name":"g","parameters":{"type":"object"}}]}],
        "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}
        """;

    [Theory]
    [InlineData("messages")]
    [InlineData("responses-http")]
    [InlineData("chat")]
    public async Task ToolsThatMayNotBeCalled_AreNotOffered(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        if (kind == "responses-http") options.Pools[0].Destinations[0].Dialect = "vllm"; // functions and no more
        using var gateway = new TestGateway(options);
        var turn = await gateway.TurnAsync(null, TestGateway.User("x"), Settings);
        var body = upstream.Requests.Last().Json;
        var tool = Assert.Single(body.GetProperty("tools").EnumerateArray().ToList());
        Assert.Equal("f", (tool.TryGetProperty("function", out var function) ? function : tool).GetProperty("name").GetString());
        var choice = body.GetProperty("tool_choice");
        Assert.Equal("auto", (choice.ValueKind == JsonValueKind.Object ? choice.GetProperty("type") : choice).GetString());
        Assert.DoesNotContain("tool_choice.tools", turn.Report.Dropped);
    }
}
