using Samovar.Context;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>What a client wants cleared of its context is not in what a chat upstream gets, whichever turn it came with.</summary>
public sealed class ChatClearingTests
{
    private const string Edits = """
        ,"context_edits":{"edits":[
        {"type":"clear_tool_uses_20250919","trigger":{"type":"tool_uses","value":1},"keep":{"type":"tool_uses","value":1},
        "clear_tool_inputs":true}]}
        """;

    private const string First = """
        [{"type":"message","role":"user","content":"go"},
        {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"path\":\"old\"}"},
        {"type":"function_call_output","call_id":"c1","output":"old result"}]
        """;

    private const string Second = """
        [{"type":"function_call","call_id":"c2","name":"f","arguments":"{\"path\":\"new\"}"},
        {"type":"function_call_output","call_id":"c2","output":"new result"}]
        """;

    [Fact]
    public async Task OldResults_AreNotes_AlsoThoseOfEarlierTurns()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var first = await gateway.TurnAsync(null, First, Edits);
        Assert.Contains("old result", upstream.Requests.Last().Text, StringComparison.Ordinal);
        await gateway.TurnAsync(first.Node, Second, Edits);
        var text = upstream.Requests.Last().Text;
        Assert.DoesNotContain("old", text, StringComparison.Ordinal);
        Assert.Contains(Clearing.Note, text, StringComparison.Ordinal);
        Assert.Contains("new result", text, StringComparison.Ordinal);
        await gateway.TurnAsync(first.Node, Second); // who asks for nothing gets all of it
        Assert.Contains("old result", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }
}
