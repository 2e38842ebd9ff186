using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Context;

/// <summary>What backends see of a response whose calls ran at the server.</summary>
public sealed class RoundSplitTests
{
    private const string One = "aaaaaaaaaaa1", Two = "aaaaaaaaaaa2";

    [Fact]
    public void Response_BecomesItsRounds_AndItsLastHasItsState()
    {
        var state = new Kept();
        var seen = SeenChain.Of(Node(null, ["""{"role":"user","content":"x"}"""],
            [Message(One, "m1"), Call(One, "c1", "r1"), Call(One, "c2", "r2"), Call(Two, "c3", "r3"), Message("aaaaaaaaaaa3", "m2")],
            state));
        Assert.Empty(seen.Owed);
        var third = seen.Node!;
        var (second, first) = (third.Parent!, third.Parent!.Parent!);
        Assert.Same(state, third.State);
        Assert.True(second.State is null && first.State is null && first.Parent is null);
        Assert.Equal(["message", "message|call c1 call c2", "output c1 output c2|call c3", "output c3|message"],
            [Line(first.Input), $"{Line(first.Output.Take(1))}|{Line(first.Output.Skip(1))}", $"{Line(second.Input)}|{Line(second.Output)}",
                $"{Line(third.Input)}|{Line(third.Output)}"]);
    }

    [Fact]
    public void OutputsBehindTheLastRound_AreOwed_BeforeWhatTheNextTurnBrings()
    {
        var node = Node(null, ["""{"role":"user","content":"x"}"""],
            [Call(One, "c1", "r1"), $$"""{"type":"function_call","id":"fc_{{One}}_1","call_id":"f1","name":"f","arguments":"{}"}"""]);
        var context = Seen(new TurnContext(node, [Item("""{"type":"function_call_output","call_id":"f1","output":"o"}""")]));
        Assert.Equal("call c1 call f1", Line(context.Parent!.Output));
        Assert.Equal("output c1 output f1", Line(context.Input));
        Assert.Equal(("previous_response_id", "input[0].output"), (context.ParamOf(0, ".output"), context.ParamOf(1, ".output")));
    }

    [Fact]
    public void ItemsWithoutRounds_AreReadAsOfTheOneBefore()
    {
        var context = Seen(new TurnContext(null,
        [
            Item("""{"role":"user","content":"x"}"""),
            Item("""{"type":"mcp_call","id":"mcp_1","server_label":"s","name":"a","arguments":"{}","output":"r1"}"""),
            Item("""{"type":"mcp_call","id":"mcp_2","server_label":"s","name":"b","arguments":"{}","output":"r2"}"""),
            Item("""{"role":"user","content":"y"}"""),
        ]));
        Assert.Equal("message call mcp_1 call mcp_2 output mcp_1 output mcp_2 message", Line(context.Input));
        Assert.Equal("input[3]", context.ParamOf(5));
    }

    [Fact]
    public void ChainWithoutSuchCalls_IsItself()
    {
        var node = Node(null, ["""{"role":"user","content":"x"}"""], [Message(One, "m")]);
        Assert.Same(node, SeenChain.Of(node).Node);
        var context = new TurnContext(node, [Item("""{"role":"user","content":"y"}""")]);
        Assert.Same(context, Seen(context));
    }

    [Fact]
    public void SearchOfAProvider_StaysWhatItWas()
    {
        var search = """{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}}""";
        var seen = SeenChain.Of(Node(null, ["""{"role":"user","content":"x"}"""], [search, Message(One, "m")])).Node!;
        Assert.Equal(["web_search_call", "message"], seen.Output.Select(static item => item.Type));
    }

    [Theory]
    [InlineData("mcp_0123456789ab_call_x", "0123456789ab", "call_x")]
    [InlineData("mcp_68a6177a2ebc8190a1", null, "mcp_68a6177a2ebc8190a1")]
    [InlineData("mcp_0123456789AB_c", null, "mcp_0123456789AB_c")]
    [InlineData("", null, "")]
    public void Id_NamesItsRound_OrNone(string id, string? round, string rest) =>
        Assert.Equal((round, rest), (RoundId.Of(id)?.Value, RoundId.RestOf(id)));

    private static TurnContext Seen(TurnContext context) => SeenContext.Of(context).Context;

    private static string Message(string round, string text) =>
        $$"""{"type":"message","id":"msg_{{round}}_1","role":"assistant","content":[{"type":"output_text","text":"{{text}}"}]}""";

    private static string Call(string round, string callId, string output) => $$"""
        {"type":"mcp_call","id":"mcp_{{round}}_{{callId}}","server_label":"s","name":"t","arguments":"{}","output":"{{output}}"}
        """;

    private static Item Item(string json) => ItemReader.Read(RawJson.Of(json).Utf8.ToArray(), ProtocolLimits.Default);

    private static ChainNode Node(ChainNode? parent, string[] input, string[] output, BackendState? state = null) => new()
    {
        Tenant = TenantId.Local, Id = new ResponseId("resp_1"), Parent = parent, Input = [.. input.Select(Item)], Bytes = 0, State = state,
        Response = new Response
        {
            Id = new ResponseId("resp_1"), CreatedAt = default, Status = ResponseStatus.Completed, Model = "m",
            Request = new CreateRequest(), Output = [.. output.Select(Item)],
        },
    };

    private static string Line(IEnumerable<Item> items) => string.Join(' ', items.Select(static item => item switch
    {
        FunctionCallItem call => $"call {call.CallId}",
        FunctionCallOutputItem output => $"output {output.CallId}",
        _ => item.Type,
    }));

    private sealed class Kept : BackendState
    {
        public override void Release() { }
    }
}
