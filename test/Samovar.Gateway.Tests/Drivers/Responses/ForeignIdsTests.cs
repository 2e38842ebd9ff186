using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Ids and names of other makers go to strict providers as these take them; their own go back as they are.</summary>
public sealed class ForeignIdsTests
{
    private const string Long = "x:1_23456789_123456789_123456789_123456789_123456789_123456789_123456789";
    private const string Message = """{"id":"item-77","type":"message","status":"completed","role":"assistant","content":""" +
        """[{"type":"output_text","text":"Hello","annotations":[]}]}""";
    private const string Call = """{"id":"call_abc","type":"function_call","status":"completed","call_id":"x:1_23456789_123456789_""" +
        """123456789_123456789_123456789_123456789_123456789","name":"mcp.x/y","arguments":"{ }"}""";
    private const string Result = "[{\"type\":\"function_call_output\",\"call_id\":\"" + Long + "\",\"output\":\"done\"}]";

    [Theory]
    [InlineData("responses-http", "openai")]
    [InlineData("responses-ws", "openai")]
    [InlineData("responses-http", "xai")]
    public async Task ChainOfAnotherMaker_GoesUp_WithoutItsIds_AndTheSameInEveryTurn(string kind, string dialect)
    {
        await using var maker = await FakeUpstream.StartAsync("maker");
        using var before = new TestGateway("responses-http", maker);
        var begun = With((await before.TurnAsync(null, TestGateway.User("one"))).Node, Message, Call);

        await using var strict = await FakeUpstream.StartAsync("strict");
        using var gateway = Gateway(kind, dialect, strict);
        var answered = (await gateway.TurnAsync(begun, Result)).Node;
        var input = strict.Requests.Last().Json.GetProperty("input");
        Assert.Equal(Message.Replace("\"id\":\"item-77\",", "", StringComparison.Ordinal), input[1].GetRawText());
        var (call, result) = (input[2], input[3]);
        Assert.False(call.TryGetProperty("id", out _));
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", call.GetProperty("call_id").GetString()!);
        Assert.Equal(call.GetProperty("call_id").GetString(), result.GetProperty("call_id").GetString());
        Assert.Matches("^mcp_x_y_[0-9a-f]{12}$", call.GetProperty("name").GetString()!);
        Assert.Equal("{ }", call.GetProperty("arguments").GetString());

        if (kind == "responses-ws") await strict.Responses.DropSocketsAsync(); // so that the whole is sent
        await gateway.TurnAsync(answered, TestGateway.User("two"));
        var again = strict.Requests.Last().Json.GetProperty("input");
        Assert.Equal(input.EnumerateArray().Select(item => item.GetRawText()),
            again.EnumerateArray().Take(input.GetArrayLength()).Select(item => item.GetRawText()));
    }

    [Theory]
    [InlineData("responses-http", "openai")]
    [InlineData("responses-http", "vllm")]
    [InlineData("responses-ws", "samovar")]
    [InlineData("responses-stored", "openai")]
    public async Task ItsOwn_AndThoseOfEnginesThatTakeAny_GoUpAsTheyAre(string kind, string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = Gateway(kind, dialect, upstream);
        var begun = With((await gateway.TurnAsync(null, TestGateway.User("one"))).Node, Message, Call);
        if (kind == "responses-stored")
        {
            await gateway.TurnAsync(begun, Result);
            var continued = upstream.Requests.First(request => request.PreviousResponseId is not null); // the upstream knows no such call
            Assert.Equal(Long, continued.Json.GetProperty("input")[0].GetProperty("call_id").GetString());
            return;
        }
        if (kind == "responses-ws") await upstream.Responses.DropSocketsAsync();
        await gateway.TurnAsync(begun, Result);
        Assert.Contains($"{Message},{Call},{Result[1..^1]}", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message", "msg_0a8c478399f5fce9", true)]
    [InlineData("message", "msg-7", true)]
    [InlineData("message", "1234", false)]
    [InlineData("message", "chatcmpl-1", false)]
    [InlineData("message", "msg_ä", false)]
    [InlineData("message", "msg_0123456789_0123456789_0123456789_0123456789_0123456789_0123456789", false)]
    [InlineData("function_call", "fc_1", true)]
    [InlineData("function_call", "call_1", false)]
    [InlineData("function_call_output", "fco_1", true)]
    [InlineData("function_call_output", "call_1", false)]
    [InlineData("custom_tool_call", "ctc_1", true)]
    [InlineData("custom_tool_call", "fc_1", false)]
    [InlineData("custom_tool_call_output", "ctco_1", true)]
    [InlineData("reasoning", "rs_1", true)]
    [InlineData("reasoning", "item_1", false)]
    public async Task IdOfAClientsItem_Stays_WhereItIsOfItsKind(string type, string id, bool stays)
    {
        var rest = type switch
        {
            "message" => """ "role":"user","content":"hi" """,
            "reasoning" => """ "summary":[],"encrypted_content":"gAAAA" """,
            "function_call" => """ "call_id":"c","name":"look","arguments":"{}" """,
            "custom_tool_call" => """ "call_id":"c","name":"look","input":"x" """,
            _ => """ "call_id":"c","output":"x" """,
        };
        var item = $$"""{"id":"{{id}}","type":"{{type}}",{{rest}}}""";
        var needed = type switch
        {
            "function_call_output" => """{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},""",
            "custom_tool_call_output" => """{"type":"custom_tool_call","call_id":"c","name":"look","input":"{}"},""",
            _ => "",
        };
        var sent = await SentAsync($"[{needed}{item}]");
        Assert.Equal(stays, sent.Contains(item, StringComparison.Ordinal));
        if (!stays) Assert.DoesNotContain("\"id\":", sent[sent.IndexOf("\"input\"", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAProvidersToolDid_GetsAnIdOfItsKind_ItNeedsOne()
    {
        const string input = """[{"type":"web_search_call","id":"call_00_A","status":"completed","action":{"type":"search"}}]""";
        var (first, second) = (await SentAsync(input), await SentAsync(input));
        Assert.Matches("\\{\"type\":\"web_search_call\",\"id\":\"ws_[0-9a-f]{12}\",\"status\"", first);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task UnsealedThoughtOfAnother_GoesToNobodyWhoStores()
    {
        const string thought = """{"type":"reasoning","id":"item_9","summary":[{"type":"summary_text","text":"hm"}]}""";
        Assert.DoesNotContain("summary_text", await SentAsync($"[{thought},{TestGateway.User("one")[1..^1]}]", "responses-stored"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallWithoutAName_IsNotEvenTakenBackByItsMaker()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = Gateway("responses-http", "openai", upstream);
        var call = ItemWriter.FunctionCall("fc_1", Long, name: "", "{}", @namespace: null, ItemStatus.Completed);
        await gateway.TurnAsync(With((await gateway.TurnAsync(null, TestGateway.User("one"))).Node, call), Result);
        var input = upstream.Requests.Last().Json.GetProperty("input");
        Assert.Matches("^_[0-9a-f]{12}$", input[1].GetProperty("name").GetString()!);
        Assert.Equal(Long, input[1].GetProperty("call_id").GetString());
        Assert.Equal(Long, input[2].GetProperty("call_id").GetString());
    }

    [Fact]
    public void OutputBesideTheResponseThatMadeTheCall_NamesItAsTheUpstreamDoes()
    {
        ContextItem[] items = [.. RawJson.Of(Result).Elements()
            .Select(item => new ContextItem(ItemReader.Read(item.Utf8, ProtocolLimits.Default), IsForeign: false))];
        var call = Calls.Of("responses-ws");
        Assert.Equal(Long, ResponsesItems.For(items, call, isOwnCall: static _ => true).Single().Text("call_id"u8));
        Assert.NotEqual(Long, ResponsesItems.For(items, call).Single().Text("call_id"u8));
    }

    private static async Task<string> SentAsync(string input, string kind = "responses-http")
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = Gateway(kind, "openai", upstream);
        await gateway.TurnAsync(null, input);
        return upstream.Requests.Last().Text;
    }

    private static TestGateway Gateway(string kind, string dialect, FakeUpstream upstream)
    {
        var options = TestGateway.Options(kind, upstream);
        options.Pools[0].Destinations[0].Dialect = dialect;
        return new TestGateway(options);
    }

    private static ChainNode With(ChainNode node, params string[] output) =>
        With(node, [.. output.Select(item => ItemReader.Read(Encoding.UTF8.GetBytes(item), ProtocolLimits.Default))]);

    private static ChainNode With(ChainNode node, params Item[] output) => new()
    {
        Tenant = node.Tenant, Id = node.Id, Parent = node.Parent, Input = node.Input, Bytes = 0, State = node.State,
        Response = node.Response with { Output = output },
    };
}
