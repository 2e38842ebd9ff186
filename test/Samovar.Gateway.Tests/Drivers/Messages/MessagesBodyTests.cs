using System.Text.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

public sealed class MessagesBodyTests
{
    private const string Settings = """
        ,"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],"tool_choice":"required","top_k":4,
        "reasoning":{"effort":"high"},"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}},"verbosity":"low"}
        """;

    [Fact]
    public async Task WhatTheApiKnows_IsSaid_AndWhatItDoesNotKnow_IsNamed()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, TestGateway.User("x"), Settings);
        var body = upstream.Requests.Last().Json;
        Assert.True(body.GetProperty("tools")[0].GetProperty("strict").GetBoolean());
        Assert.Equal("any", body.GetProperty("tool_choice").GetProperty("type").GetString());
        Assert.False(body.TryGetProperty("thinking", out _)); // a thinking model could not be made to call
        Assert.Equal(4, body.GetProperty("top_k").GetInt32());
        Assert.Equal("""{"format":{"type":"json_schema","schema":{"type":"object"}}}""",
            JsonSerializer.Serialize(body.GetProperty("output_config")));
        Assert.Equal(["text.verbosity"], turn.Report.Dropped);
    }
}
