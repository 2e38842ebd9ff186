using System.Net;
using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>Tools that run at the server, over HTTP and WebSocket, against a real MCP server.</summary>
public sealed class ToolLoopTests
{
    [Fact]
    public async Task Call_RunsHere_AndTheModelAnswersInTheSameResponse()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"), Says.Words("It says hi."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var first = await house.AskAsync(house.Body("\"Say hi.\""));
        Assert.Equal("completed", first.Str("status"));
        Assert.Equal(["mcp_list_tools", "mcp_call", "message"], first.Types());
        var list = first.Item("mcp_list_tools");
        Assert.Equal(("demo", "echo"), (list.Str("server_label"), list.GetProperty("tools")[0].Str("name")));
        var call = first.Item("mcp_call");
        Assert.Equal(("echo hi", "completed", "echo", "demo", """{"text":"hi"}"""),
            (call.Str("output"), call.Str("status"), call.Str("name"), call.Str("server_label"), call.Str("arguments")));
        Assert.Equal(JsonValueKind.Null, call.GetProperty("error").ValueKind);
        Assert.Equal((20, 10), (first.GetProperty("usage").GetProperty("input_tokens").GetInt32(),
            first.GetProperty("usage").GetProperty("output_tokens").GetInt32()));
        Assert.Equal(["User: Say hi.", """call demo/echo {"text":"hi"}""", "output echo hi"], CallingBackend.Lines(backend.Asked.Last()));
        Assert.Equal(["""echo {"text":"hi"}"""], house.Tools.Calls);

        backend.Then(Says.Call("demo", "echo", """{"text":"again"}"""), Says.Words("Again."));
        var second = await house.AskAsync(house.Body("\"And again.\"", more: $"\"previous_response_id\":\"{first.Id()}\""));
        Assert.Equal(["mcp_call", "message"], second.Types());
        Assert.Equal(1, house.Tools.Lists); // the list is in the conversation
        Assert.Equal(
            ["User: Say hi.", """call demo/echo {"text":"hi"}""", "output echo hi", "Assistant: It says hi.", "User: And again.",
                """call demo/echo {"text":"again"}""", "output echo again"],
            CallingBackend.Lines(backend.Asked.Last()));
        using var stored = await house.Server.Http.GetAsync($"/v1/responses/{second.Id()}");
        Assert.Equal(second.GetProperty("output").ToString(),
            JsonDocument.Parse(await stored.Content.ReadAsStringAsync()).RootElement.GetProperty("output").ToString());
    }

    [Fact]
    public async Task Stream_HasTheApisEvents_InTheirOrder()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var events = await house.StreamAsync(house.Body("\"x\""));
        Assert.Equal(
            [
                "response.created", "response.in_progress",
                "response.output_item.added", "response.mcp_list_tools.in_progress", "response.mcp_list_tools.completed",
                "response.output_item.done",
                "response.output_item.added", "response.mcp_call.in_progress", "response.mcp_call_arguments.delta",
                "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done", "response.mcp_call.completed",
                "response.output_item.done",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            events.Select(static e => e.Str("type")));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(static e => e.GetProperty("sequence_number").GetInt32()));
        var call = events.Where(static e => e.Str("type")!.Contains("mcp_call", StringComparison.Ordinal)).ToList();
        Assert.All(call, static e => Assert.Equal(1, e.GetProperty("output_index").GetInt32()));
        var item = events.Last(static e => e.Str("type") == "response.output_item.done" && e.GetProperty("output_index").GetInt32() == 1);
        Assert.All(call, e => Assert.Equal(item.GetProperty("item").Id(), e.Str("item_id")));
        var done = call.Single(static e => e.Str("type")!.EndsWith(".done", StringComparison.Ordinal));
        Assert.Equal("""{"text":"hi"}""", done.Str("arguments"));
        Assert.Equal("in_progress", events[6].GetProperty("item").Str("status"));
    }

    [Fact]
    public async Task WebSocket_RunsTheSameLoop_AndABareFrameGoesOn()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        await using var socket = await house.Server.ConnectAsync();
        var body = house.Body("\"x\"", more: "\"store\":false");
        var first = await socket.AskAsync("{\"type\":\"response.create\"," + body[1..]);
        Assert.Equal(["mcp_list_tools", "mcp_call", "message"], first[^1].GetProperty("response").Types());
        backend.Then(Says.Call("demo", "echo"), Says.Words("Once more."));
        var second = await socket.AskAsync("""{"input":[{"role":"user","content":"y"}]}""");
        Assert.Equal(["mcp_call", "message"], second[^1].GetProperty("response").Types());
        Assert.Equal(1, house.Tools.Lists);
    }

    [Fact]
    public async Task CallsOfOneRound_RunBesideEachOther_AndStandInTheirOrder()
    {
        var (both, met) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        FakeAnswer meet = async (arguments, cancelled) =>
        {
            if (Interlocked.Increment(ref both) == 2) met.SetResult();
            await met.Task.WaitAsync(cancelled); // each waits for the other
            return FakeTool.Text(arguments.GetProperty("text").GetString()!);
        };
        var backend = new CallingBackend(
            new Says("First.", ("demo", "meet", """{"text":"a"}"""), ("demo", "meet", """{"text":"b"}""")), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [new FakeTool("meet", meet)]);
        var response = await house.AskAsync(house.Body("\"x\""));
        Assert.Equal(["mcp_list_tools", "message", "mcp_call", "mcp_call", "message"], response.Types());
        Assert.Equal(
            ["User: x", "Assistant: First.", """call demo/meet {"text":"a"}""", """call demo/meet {"text":"b"}""", "output a", "output b"],
            CallingBackend.Lines(backend.Asked.Last()));
        // And the next turn sees the two as calls of one round, as this one has.
        backend.Then(Says.Words("Again."));
        await house.AskAsync(house.Body("\"y\"", more: $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.Equal(
            ["User: x", "Assistant: First.", """call demo/meet {"text":"a"}""", """call demo/meet {"text":"b"}""", "output a", "output b",
                "Assistant: Done.", "User: y"],
            CallingBackend.Lines(backend.Asked.Last()));
    }

    [Fact]
    public async Task ClientsOwnFunctions_AreLeftToIt_BehindWhatRanHere()
    {
        var own = """{"type":"function","name":"mine","parameters":{"type":"object"}}""";
        var backend = new CallingBackend(new Says(null, ("demo", "echo", """{"text":"hi"}"""), (null, "mine", "{}")));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var first = await house.AskAsync(house.Body("\"x\"", $"{house.Tool()},{own}"));
        Assert.Equal(["mcp_list_tools", "mcp_call", "function_call"], first.Types());
        Assert.Single(backend.Asked);
        backend.Then(Says.Words("Both."));
        var callId = first.Item("function_call").Str("call_id");
        var answer = $$"""[{"type":"function_call_output","call_id":"{{callId}}","output":"mine too"}]""";
        await house.AskAsync(house.Body(answer, $"{house.Tool()},{own}", $"\"previous_response_id\":\"{first.Id()}\""));
        Assert.Equal(
            ["User: x", """call demo/echo {"text":"hi"}""", "call /mine {}", "output echo hi", "output mine too"],
            CallingBackend.Lines(backend.Asked.Last()));
        var (status, refused) = await house.PostAsync(house.Body("\"y\"", more: $"\"previous_response_id\":\"{first.Id()}\""));
        Assert.Equal(HttpStatusCode.BadRequest, status); // its own call has no output yet
        Assert.Contains("No tool output found", refused.GetProperty("error").Str("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientThatResendsItsHistory_IsUnderstood()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"), Says.Words("Done."), Says.Words("Again."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var first = await house.AskAsync(house.Body("\"x\"", more: "\"store\":false"));
        var history = string.Join(',', first.GetProperty("output").EnumerateArray().Select(static item => item.GetRawText()));
        await house.AskAsync(house.Body(
            $$"""[{"role":"user","content":"changed"},{{history}},{"role":"user","content":"y"}]""", more: "\"store\":false"));
        Assert.Equal(
            ["User: changed", """call demo/echo {"text":"hi"}""", "output echo hi", "Assistant: Done.", "User: y"],
            CallingBackend.Lines(backend.Asked.Last()));
        Assert.Equal(1, house.Tools.Lists);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task MaxToolCalls_EndsTheCalling(int max, int run)
    {
        var backend = new CallingBackend(
            Says.Call("demo", "echo"), new Says(null, ("demo", "echo", "{}"), ("demo", "echo", "{}")), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var response = await house.AskAsync(house.Body("\"x\"", more: $"\"max_tool_calls\":{max}"));
        Assert.Equal(run, house.Tools.Calls.Count);
        Assert.Equal("completed", response.Str("status"));
        var beyond = response.GetProperty("output").EnumerateArray().Last(static item => item.Str("type") == "mcp_call");
        Assert.Equal("failed", beyond.Str("status"));
        Assert.IsType<ToolChoice.None>(backend.Asked.Last().Request.ToolChoice); // nothing more may be called
    }

    /// <summary>Also in the field that some upstreams get as it came.</summary>
    [Fact]
    public async Task OutputLimit_IsOfAllRoundsTogether()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        await house.AskAsync(house.Body("\"x\"", more: "\"max_output_tokens\":100"));
        Assert.Equal(
            [(100, "100"), (95, "95")],
            backend.Asked.Select(static turn => (turn.Request.MaxOutputTokens!.Value, turn.Request.Field("max_output_tokens").ToString())));
    }

    [Fact]
    public async Task UpstreamThatRunsTools_GetsThemUnchanged()
    {
        var backend = new CallingBackend(Says.Words("Done.")) { RunsTools = true };
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var tool = """{"type":"mcp","server_label":"other","server_url":"https://else.example/mcp?key=k1","authorization":"a-token"}""";
        var response = await house.AskAsync(house.Body("\"x\"", tool));
        Assert.Equal(tool, backend.Asked.Single().Request.Tools!.Tools[0].SentJson.ToString());
        Assert.Equal(["message"], response.Types());
        Assert.DoesNotContain("a-token", response.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("k1", response.GetProperty("tools").ToString(), StringComparison.Ordinal);
    }
}
