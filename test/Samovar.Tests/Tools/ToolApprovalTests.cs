using System.Net;
using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>Calls that their user has to approve, over turns.</summary>
public sealed class ToolApprovalTests
{
    [Fact]
    public async Task Call_WaitsForItsApproval_AndRunsFirstInTheNextResponse()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        Assert.Equal(["mcp_list_tools", "mcp_approval_request"], asked.Types());
        Assert.Equal("completed", asked.Str("status"));
        var request = asked.Item("mcp_approval_request");
        Assert.Equal(("echo", "demo", """{"text":"hi"}"""), (request.Str("name"), request.Str("server_label"), request.Str("arguments")));
        Assert.Empty(house.Tools.Calls);

        backend.Then(Says.Words("Done."));
        var previous = $"\"previous_response_id\":\"{asked.Id()}\"";
        var events = await house.StreamAsync(house.Body(Answer(request, true), house.Tool(""), previous));
        var response = events[^1].GetProperty("response");
        Assert.Equal(["mcp_call", "message"], response.Types());
        Assert.Equal((request.Id(), "echo hi"),
            (response.Item("mcp_call").Str("approval_request_id"), response.Item("mcp_call").Str("output")));
        Assert.Equal(["User: x", """call demo/echo {"text":"hi"}""", "output echo hi"], CallingBackend.Lines(backend.Asked.Last()));
        Assert.Equal(1, house.Tools.Lists);

        backend.Then(Says.Words("More."));
        await house.AskAsync(house.Body("\"y\"", house.Tool(""), $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.Equal(["User: x", """call demo/echo {"text":"hi"}""", "output echo hi", "Assistant: Done.", "User: y"],
            CallingBackend.Lines(backend.Asked.Last()));
        Assert.Single(house.Tools.Calls);
    }

    [Fact]
    public async Task ApprovedCalls_RunAtTheSameTime_AndStandInTheirOrder()
    {
        const int Calls = 2;
        var (begun, allBegan) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var backend = new CallingBackend(new Says(null, ("demo", "meet", """{"text":"a"}"""), ("demo", "meet", """{"text":"b"}""")));
        await using var house = await ToolHouse.StartAsync(backend,
        [
            new FakeTool("meet", async (arguments, cancelled) =>
            {
                if (Interlocked.Increment(ref begun) == Calls) allBegan.SetResult();
                await allBegan.Task.WaitAsync(cancelled);
                return FakeTool.Text("met " + arguments.GetProperty("text"));
            }),
        ], new() { ["Tools:CallTimeMax"] = "00:00:30" });
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        var requests = asked.GetProperty("output").EnumerateArray()
            .Where(static item => item.Str("type") == "mcp_approval_request").ToList();
        backend.Then(Says.Words("Done."));
        var answers = string.Join(',', requests.Select(static request => Answer(request, true)[1..^1]));
        var response = await house.AskAsync(house.Body($"[{answers}]", house.Tool(""), $"\"previous_response_id\":\"{asked.Id()}\""));
        Assert.Equal(["mcp_call", "mcp_call", "message"], response.Types());
        Assert.Equal(
            ["met a", "met b"], response.GetProperty("output").EnumerateArray().Take(Calls).Select(static call => call.Str("output")));
    }

    [Fact]
    public async Task Refusal_IsToldToTheModel_AndNothingRuns()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        backend.Then(Says.Words("Then not."));
        var response = await house.AskAsync(house.Body(
            Answer(asked.Item("mcp_approval_request"), false, "too dear"), house.Tool(""), $"\"previous_response_id\":\"{asked.Id()}\""));
        Assert.Equal(["message"], response.Types());
        Assert.Empty(house.Tools.Calls);
        Assert.Equal("output The user did not approve this call. Reason: too dear", CallingBackend.Lines(backend.Asked.Last()).Last());
    }

    [Fact]
    public async Task ApprovalOfNothing_IsRefused_AndSoIsASecondOne()
    {
        var backend = new CallingBackend(Says.Call("demo", "echo"));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        var previous = $"\"previous_response_id\":\"{asked.Id()}\"";
        var unknown = """[{"type":"mcp_approval_response","approval_request_id":"mcpr_none","approve":true}]""";
        var (status, error) = await house.PostAsync(house.Body(unknown, house.Tool(""), previous));
        Assert.Equal((HttpStatusCode.BadRequest, "input[0].approval_request_id"), (status, error.GetProperty("error").Str("param")));
        var answer = Answer(asked.Item("mcp_approval_request"), true);
        (status, error) = await house.PostAsync(house.Body(answer[..^1] + "," + answer[1..], house.Tool(""), previous));
        Assert.Equal((HttpStatusCode.BadRequest, "input[1].approval_request_id"), (status, error.GetProperty("error").Str("param")));
        (status, error) = await house.PostAsync(house.Body(answer, """{"type":"function","name":"f"}""", previous));
        Assert.Equal((HttpStatusCode.BadRequest, "tools"), (status, error.GetProperty("error").Str("param")));
        backend.Then(Says.Words("Done."));
        var done = await house.AskAsync(house.Body(answer, house.Tool(""), previous));
        (status, _) = await house.PostAsync(house.Body(answer, house.Tool(""), $"\"previous_response_id\":\"{done.Id()}\""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Single(house.Tools.Calls);
    }

    /// <summary>Whether it is older than what a compaction keeps as it was or not.</summary>
    [Theory]
    [InlineData("echo", 0)]
    [InlineData("echo", 20_000)]
    [InlineData("write file", 0)] // the model has it under another name
    public async Task CallThatWaits_CanBeApproved_BehindACompaction(string tool, int chars)
    {
        const string Rule = "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]";
        var backend = Waiting(tool);
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo(tool)]);
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        backend.Then(Says.Words(new string('m', chars) + "."));
        var more = await house.AskAsync(house.Body("\"y\"", house.Tool(""), $"\"previous_response_id\":\"{asked.Id()}\""));
        backend.Then(Says.Words("A summary."), Says.Words("On."));
        var compacted = await house.AskAsync(house.Body("\"z\"", house.Tool(""), $"{Rule},\"previous_response_id\":\"{more.Id()}\""));
        Assert.Equal(["compaction", "message"], compacted.Types());

        backend.Then(Says.Words("Done."));
        var (request, previous) = (asked.Item("mcp_approval_request"), $"\"previous_response_id\":\"{compacted.Id()}\"");
        var response = await house.AskAsync(house.Body(Answer(request, true), house.Tool(""), previous));
        Assert.Equal(["mcp_list_tools", "mcp_call", "message"], response.Types());
        Assert.Equal((request.Id(), tool), (response.Item("mcp_call").Str("approval_request_id"), response.Item("mcp_call").Str("name")));
        var lines = CallingBackend.Lines(backend.Asked.Last()).ToList();
        Assert.Single(lines, static line => line.StartsWith("call demo/", StringComparison.Ordinal));
        Assert.Equal("output echo hi", lines[^1]);

        // Once, and not again.
        var (status, _) = await house.PostAsync(house.Body(
            Answer(request, true), house.Tool(""), $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Single(house.Tools.Calls);
    }

    [Fact]
    public async Task CallThatWaits_CanBeApproved_InAWindowThatItsClientAskedFor()
    {
        var backend = Waiting("echo");
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var asked = await house.AskAsync(house.Body("\"x\"", house.Tool("")));
        backend.Then(Says.Words("A summary."));
        using var reply = await house.Server.Http.PostAsync("/v1/responses/compact", new StringContent(
            $$"""{"model":"calling","previous_response_id":"{{asked.Id()}}"}""", System.Text.Encoding.UTF8, "application/json"));
        var window = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;
        var items = window.GetProperty("output").EnumerateArray().Select(static item => item.GetRawText());
        backend.Then(Says.Words("Done."));
        var answer = Answer(asked.Item("mcp_approval_request"), true);
        var response = await house.AskAsync(house.Body($"[{string.Join(',', items)},{answer[1..]}", house.Tool("")));
        Assert.Equal(["mcp_list_tools", "mcp_call", "message"], response.Types());
        Assert.Equal("output echo hi", CallingBackend.Lines(backend.Asked.Last()).Last());
    }

    [Fact]
    public async Task CallThatWaits_IsACallToTheModel_WhereTheConversationIsCompactedBetweenRounds()
    {
        const string Rule = "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]";
        var backend = Waiting("write");
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo("write"), FakeTool.Echo("look")]);
        var tool = house.Tool("\"require_approval\":{\"never\":{\"tool_names\":[\"look\"]}}");
        var asked = await house.AskAsync(house.Body("\"x\"", tool));
        backend.Then(Says.Words("A summary."), Says.Call("demo", "look"), Says.Words("Looked."));
        var compacted = await house.AskAsync(house.Body("\"y\"", tool, $"{Rule},\"previous_response_id\":\"{asked.Id()}\""));
        Assert.Equal(["compaction", "mcp_call", "message"], compacted.Types());
        Assert.Contains("""call demo/write {"text":"hi"}""", CallingBackend.Lines(backend.Asked.Last()));
        Assert.DoesNotContain("mcp_approval_request", CallingBackend.Lines(backend.Asked.Last()));

        backend.Then(Says.Words("Written."));
        var previous = $"\"previous_response_id\":\"{compacted.Id()}\"";
        var response = await house.AskAsync(house.Body(Answer(asked.Item("mcp_approval_request"), true), tool, previous));
        Assert.Equal(["mcp_list_tools", "mcp_call", "message"], response.Types());
        Assert.Equal(["look", "write"], house.Tools.Calls.Select(static call => call.Split(' ')[0]));
    }

    /// <summary>Says much before it calls, and that its conversation is large.</summary>
    private static CallingBackend Waiting(string tool) =>
        new(new Says(new string('w', 20_000), ("demo", Samovar.Context.ServedCall.NameOf("demo", tool), """{"text":"hi"}""")))
        {
            Usage = new(9_000, 0, 5, 0),
        };

    [Theory]
    [InlineData("\"require_approval\":\"always\"", "look", true)]
    [InlineData("\"require_approval\":{\"never\":{\"tool_names\":[\"look\"]}}", "look", false)]
    [InlineData("\"require_approval\":{\"never\":{\"tool_names\":[\"look\"]}}", "write", true)]
    [InlineData("\"require_approval\":{\"always\":{\"tool_names\":[\"write\"]}}", "look", true)]
    [InlineData("\"require_approval\":{\"never\":{\"read_only\":true}}", "look", false)]
    [InlineData("\"require_approval\":{\"never\":{\"read_only\":true}}", "write", true)]
    public async Task Rule_SaysWhichToolsWait(string rule, string tool, bool waits)
    {
        var backend = new CallingBackend(Says.Call("demo", tool), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(
            backend, [FakeTool.Echo("look") with { IsReadOnly = true }, FakeTool.Echo("write") with { IsReadOnly = false }]);
        var response = await house.AskAsync(house.Body("\"x\"", house.Tool(rule)));
        Assert.Equal(waits ? "mcp_approval_request" : "mcp_call", response.Types()[1]);
    }

    [Theory]
    [InlineData("\"allowed_tools\":[\"look\"]", new[] { "look" })]
    [InlineData("\"allowed_tools\":{\"tool_names\":[\"write\"]}", new[] { "write" })]
    [InlineData("\"allowed_tools\":{\"read_only\":true}", new[] { "look" })]
    public async Task AllowedTools_AreImported_AndNoOthers(string rule, string[] names)
    {
        var backend = new CallingBackend(Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(
            backend, [FakeTool.Echo("look") with { IsReadOnly = true }, FakeTool.Echo("write")]);
        var response = await house.AskAsync(house.Body("\"x\"", house.Tool(rule)));
        Assert.Equal(names, response.Item("mcp_list_tools").GetProperty("tools").EnumerateArray().Select(static tool => tool.Str("name")!));
        var group = Assert.IsType<Tool.Namespace>(Assert.Single(backend.Asked.Single().Tools.Tools));
        Assert.Equal(names, group.Tools.Select(static tool => tool.CallName!));
    }

    private static string Answer(JsonElement request, bool approve, string? reason = null) => JsonSerializer.Serialize(new[]
    {
        new { type = "mcp_approval_response", approval_request_id = request.Id(), approve, reason },
    });
}
