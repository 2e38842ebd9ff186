using System.Text.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Histories that other protocols take and the Messages API does not: they go up in a form that it takes, in every turn the
/// same.</summary>
public sealed class FittingHistoryTests
{
    private const string User = """{"role":"user","content":"go"}""", Said = """{"role":"assistant","content":"hi"}""";
    private const string Thought = """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],""" +
        "\"encrypted_content\":\"anthropic-signature:ErUB\"}";

    [Theory]
    [InlineData("look", true)]
    [InlineData("mcp.server/tool name", false)]
    [InlineData("größe", false)]
    public async Task NamesOfCalls_FitTheApi_AndAreTheSameEachTime(string name, bool stays)
    {
        var input = $$"""[{{User}},{{Call("c", name)}},{{Result("c")}}]""";
        var names = new List<string?>();
        for (var turn = 0; turn < 2; turn++)
            names.Add(Messages(await SentAsync(input))[1].GetProperty("content")[0].GetProperty("name").GetString());
        Assert.Equal(names[0], names[1]);
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", names[0]!);
        Assert.Equal(stays, names[0] == name);
    }

    [Theory]
    [InlineData("""[{"role":"developer","content":"You name things."},{"role":"system","content":"Name this."}]""",
        "You name things.", "user: Name this.")]
    [InlineData("""[{"role":"system","content":"Name this."}]""", "", "user: Name this.")]
    [InlineData("""[{"role":"user","content":"  "}]""", "", "user: (no text)")]
    [InlineData("""[{"role":"system","content":"Be kind."},{"role":"user","content":""}]""", "Be kind.", "user: (no text)")]
    [InlineData($"[{User},{Said}" + """,{"role":"user","content":" \n"}]""", "", "user: go|assistant: hi|user: (no text)")]
    [InlineData($"[{User}" + """,{"role":"user","content":" \n"},""" + Said + "," + User + "]", "", "user: go|assistant: hi|user: go")]
    [InlineData($$"""[{{User}},{{Said}},{"role":"user","content":""},{{Said}},{{User}}]""", "",
        "user: go|assistant: hi|user: (no text)|assistant: hi|user: go")]
    [InlineData($$"""[{{User}},{"role":"assistant","content":"The answer is \n"}]""", "", "user: go|assistant: The answer is")]
    [InlineData($$"""[{{User}},{{Thought}}]""", "", "user: go")]
    [InlineData($$"""[{{User}},{{Said}},{{Thought}},{{User}}]""", "", "user: go|assistant: hi|user: go")]
    [InlineData($$"""[{{User}},{{Thought}},{{Said}},{{User}}]""", "", "user: go|assistant: thinking hi|user: go")]
    public async Task WhatTheApiRefuses_IsSaidInAFormThatItTakes_AlsoInLaterTurns(string input, string system, string messages)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var first = await gateway.TurnAsync(null, input);
        Assert.True(first.Error is null, first.Error?.Message);
        var sent = upstream.Requests.Last().Json;
        Assert.Equal(messages, Show(sent));
        Assert.Equal(system, sent.TryGetProperty("system", out var blocks)
            ? string.Concat(blocks.EnumerateArray().Select(block => block.GetProperty("text").GetString())) : "");

        await gateway.TurnAsync(first.Node, $"[{User}]");
        Assert.StartsWith(messages, Show(upstream.Requests.Last().Json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereNothingIsSaid_TheTurnIsRefused_ByName()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, """[{"role":"system","content":" "}]""");
        Assert.Equal((400, "input"), (turn.Error!.Kind.Status, turn.Error.Param));
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task CallsOfAHistory_HaveATool_AlsoWhereNoneIsOffered()
    {
        var sent = await SentAsync($$"""[{{User}},{{Call("c", "look")}},{{Result("c")}}]""");
        Assert.Equal("no_tool", Assert.Single(sent.GetProperty("tools").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("""{"type":"none"}""", sent.GetProperty("tool_choice").GetRawText());
        Assert.False((await SentAsync($"[{User}]")).TryGetProperty("tools", out _));
    }

    private static string Call(string callId, string name) =>
        $$"""{"type":"function_call","call_id":"{{callId}}","name":{{JsonSerializer.Serialize(name)}},"arguments":"{}"}""";

    private static string Result(string callId) => $$"""{"type":"function_call_output","call_id":"{{callId}}","output":"x"}""";

    private static async Task<JsonElement> SentAsync(string input)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, input);
        Assert.True(turn.Error is null, turn.Error?.Message);
        return upstream.Requests.Last().Json;
    }

    private static List<JsonElement> Messages(JsonElement sent) => [.. sent.GetProperty("messages").EnumerateArray()];

    private static string Show(JsonElement sent) => string.Join('|', Messages(sent).Select(static message =>
        message.GetProperty("role").GetString() + ": " + string.Join(' ', message.GetProperty("content").EnumerateArray()
            .Select(static block => (block.TryGetProperty("text", out var text) ? text : block.GetProperty("type")).GetString()))));
}
