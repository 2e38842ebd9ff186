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

    [Fact]
    public async Task SchemasOfTools_AreObjects_AndAChoiceIsToldInWords()
    {
        const string choice = """{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}}}]}""";
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, TestGateway.User("x"), ""","tools":[{"type":"function","name":"f","parameters":{}},""" +
            $$"""{"type":"function","name":"g","description":"G.","parameters":{{choice}},"strict":true}]""");
        var tools = upstream.Requests.Last().Json.GetProperty("tools");
        Assert.Equal("""{"type":"object","properties":{}}""", tools[0].GetProperty("input_schema").GetRawText());
        Assert.Equal("""{"type":"object","properties":{"a":{},"b":{}}}""", tools[1].GetProperty("input_schema").GetRawText());
        Assert.StartsWith("G.\n\nThe input must match this JSON schema:\n{\"type\":\"object\",\"anyOf\"",
            tools[1].GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.False(tools[1].TryGetProperty("strict", out _)); // the API would hold the model to what is left of it
        Assert.Equal(["tools.strict"], turn.Report.Dropped);
    }

    [Theory]
    [InlineData("""["\n\n"]""", null, "stop")]
    [InlineData("""["\n"," END"]""", "[\" END\"]", "stop")]
    [InlineData("""["END"]""", "[\"END\"]", null)]
    public async Task StopsWithoutAWord_AreLeftOut_AndNamed(string stop, string? sent, string? dropped)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, TestGateway.User("x"), $",\"stop\":{stop}");
        Assert.Equal(sent, upstream.Requests.Last().Json.TryGetProperty("stop_sequences", out var stops) ? stops.GetRawText() : null);
        Assert.Equal(dropped is null ? [] : [dropped], turn.Report.Dropped);
    }
}
