using System.Text;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>Calls whose outputs may come in any later turn.</summary>
public sealed class AsyncCallTests : IAsyncLifetime
{
    private const string Function = """{"type":"function","name":"exec_command","async":true,"parameters":{"type":"object"}}""";
    private const string Custom = """{"type":"custom","name":"exec","async":true}""";
    private readonly SteeredTalk _talk = new();

    [Theory]
    [InlineData(Function, "function_call"), InlineData(Custom, "custom_tool_call")]
    public async Task Chain_GoesOn_WhileItsCallWaits_AndTakesTheOutputLater(string tool, string type)
    {
        var asked = await SendAsync("[[steps=1]]", null, tool);
        Assert.Equal((type, true), (asked.Output[^1].GetProperty("type").GetString(), asked.Output[^1].GetProperty("async").GetBoolean()));
        Assert.True(asked.Last.GetProperty("tools")[0].GetProperty("async").GetBoolean());
        var meanwhile = await SendAsync("[[final=MEANWHILE]]", asked.Id, tool);
        Assert.Equal("MEANWHILE", meanwhile.Text);
        var more = await SendAsync("[[final=MORE]]", meanwhile.Id, tool);
        var output = $$"""[{"type":"{{type}}_output","call_id":"{{asked.CallId}}","output":"seven"}]""";
        var late = await SendItemsAsync(output, more.Id, tool);
        Assert.Equal("completed", late.Status);
        var again = _talk.Send(Request(output, late.Id, tool));
        Assert.Equal(Errors.ToolOutputRepeated, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(again.Began))).Kind);
    }

    [Fact]
    public async Task SynchronousCall_DoesNotWait()
    {
        var asked = await SendAsync("[[steps=1]]", null, Function.Replace("true", "false", StringComparison.Ordinal));
        Assert.False(asked.Output[^1].TryGetProperty("async", out _));
        var refused = _talk.Send(Request("[]", asked.Id, Function));
        Assert.Equal(Errors.ToolOutputMissing, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(refused.Began))).Kind);
    }

    [Fact]
    public async Task Words_DoNotWaitForIt()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(
            Read(""" "[[steps=1]]" """, null, Function), ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, "[[final=STEERED]]"));
        gate.Open();
        var (turns, last) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(("STEERED", id.Value), (turns[1].Text, SteeredTalk.Previous(turns[1])));
        Assert.Null(last);
    }

    [Fact]
    public async Task OutputOfAnEarlierCall_IsInjected_IntoTheRunningChain()
    {
        var asked = await SendAsync("[[steps=1]]", null, Function);
        var (reply, id, gate) = await _talk.SendAndHoldAsync(
            Read(""" "[[think=text]][[final=LONG]]" """, asked.Id, Function), ScriptPhase.Speaking);
        Assert.Null(_talk.Inject(id, Ask.Output(asked.CallId)));
        Assert.Throws<ApiException>(() => _talk.Inject(id, Ask.Output(asked.CallId)));
        _talk.House.Time.Advance(TimeSpan.FromMinutes(1)); // an item is not cut off for it
        Assert.False((await reply.Began).IsEnded);
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(("steered", 1), (SteeredTalk.Reason(turns[0]), turns[0].Output.Count)); // behind its reasoning
        Assert.Equal(("completed", id.Value), (turns[1].Status, SteeredTalk.Previous(turns[1])));
        var node = await _talk.House.Store.FindAsync(TenantId.Local, new ResponseId(turns[1].Id), Soon.Token);
        Assert.Equal("function_call_output", Assert.Single(node!.Input).Type);
    }

    public ValueTask InitializeAsync() => default;
    public ValueTask DisposeAsync() => _talk.DisposeAsync();

    private Task<SeenEvents> SendAsync(string text, string? previous, string tool) => SendItemsAsync($"\"{text}\"", previous, tool);

    private Task<SeenEvents> SendItemsAsync(string input, string? previous, string tool) =>
        CoreHouse.SendAsync(_talk.Session, Request(input, previous, tool), Soon.Token);

    private static CreateRequest Request(string input, string? previous, string tool) => Read(input, previous, tool);

    private static CreateRequest Read(string input, string? previous, string tool)
    {
        var parent = previous is null ? "" : $",\"previous_response_id\":\"{previous}\"";
        return CreateRequestReader.Read(
            Encoding.UTF8.GetBytes($$"""{"type":"response.create","model":"m","input":{{input}},"tools":[{{tool}}]{{parent}}}"""),
            CreateRequestOrigin.WebSocketCreate, ProtocolLimits.Default);
    }
}
