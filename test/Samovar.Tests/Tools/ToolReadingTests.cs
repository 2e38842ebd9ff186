using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Samovar.Metering;
using Samovar.Testing;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>What is counted and traced of tools that run here: by the names of the settings, and nothing that anybody said.</summary>
public sealed class ToolReadingTests
{
    private const string Secret = "token-4711-secret";

    [Fact]
    public async Task ListsCallsAndApprovals_AreCounted_ByTheirServersName()
    {
        var backend = new CallingBackend(
            new Says(null, ("mine", "echo", """{"text":"hi"}"""), ("mine", "bad", "{}")), Says.Words("Done."), Says.Call("mine", "echo"));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo(), FakeTool.Saying("bad", "no", isError: true)]);
        const string Label = "\"server_label\":\"mine\",\"connector_id\":\"demo\"";
        var first = await house.AskAsync(house.Body("\"x\"", $$"""{"type":"mcp",{{Label}},"require_approval":"never"}"""));
        var tool = $$"""{"type":"mcp",{{Label}}}""";
        var asked = await house.AskAsync(house.Body("\"y\"", tool, $"\"store\":true,\"previous_response_id\":\"{first.Id()}\""));
        backend.Then(Says.Words("Done."));
        var answer = $$"""
            [{"type":"mcp_approval_response","approval_request_id":"{{asked.Item("mcp_approval_request").Id()}}","approve":true}]
            """;
        await house.AskAsync(house.Body(answer, tool, $"\"previous_response_id\":\"{asked.Id()}\""));
        var lines = (await house.Server.Http.GetStringAsync("/metrics")).Split('\n');
        Assert.Equal(1, Value(lines, "samovar_tools_duration_seconds_count", "demo", "tools/list", "completed"));
        Assert.Equal(2, Value(lines, "samovar_tools_duration_seconds_count", "demo", "tools/call", "completed"));
        Assert.Equal(1, Value(lines, "samovar_tools_duration_seconds_count", "demo", "tools/call", "error"));
        Assert.Equal(1, Value(lines, "samovar_tools_approvals_total", "demo", "asked"));
        Assert.Equal(1, Value(lines, "samovar_tools_approvals_total", "demo", "approved"));
        Assert.Equal("echo hi".Length * 2 + "no".Length, Value(lines, "samovar_tools_bytes_total", "demo", "back") - ListBytes(house));
        Assert.Equal(1, Value(lines, "samovar_tools_sessions_total", "demo", "opened"));
        Assert.DoesNotContain(lines, static line => line.StartsWith("samovar_tools", StringComparison.Ordinal)
            && (line.Contains("mine", StringComparison.Ordinal) || line.Contains("echo", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Calls_AreSpansBelowTheirTurns_WithNothingThatWasSaid()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == Spans.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var backend = new CallingBackend(Says.Call("demo", "tell", $$"""{"text":"{{Secret}}"}"""), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Saying("tell", Secret)]);
        house.Server.Http.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        await house.AskAsync(house.Body("\"x\"", house.Tool($"\"require_approval\":\"never\",\"authorization\":\"{Secret}\"")));
        List<Activity> own = [];
        await Soon.UntilAsync(() =>
        {
            own = [.. spans.Where(static span => span.TraceId.ToHexString() == Trace)];
            return own.Exists(static span => span.Kind == ActivityKind.Server); // it ends behind its answer
        });
        var turn = Assert.Single(own, static span => span.Kind == ActivityKind.Server);
        var calls = own.Where(static span => span.OperationName.StartsWith("tools/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["tools/list", "tools/call"], calls.Select(static span => span.DisplayName));
        Assert.All(calls, call => Assert.Equal((turn.SpanId, "demo", "completed"),
            (call.ParentSpanId, call.GetTagItem(Labels.ToolServer), call.GetTagItem(Labels.Outcome))));
        Assert.DoesNotContain(own.SelectMany(static span => span.TagObjects),
            static tag => tag.Value?.ToString() is { } text && (text.Contains(Secret, StringComparison.Ordinal) || text == "tell"));
    }

    private static long ListBytes(ToolHouse house) =>
        house.Tools.Tools.Sum(static tool => tool.Name.Length + tool.Description!.Length + tool.Schema.Length);

    private static double Value(string[] lines, string name, params string[] labels) => lines
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal)
            && labels.All(label => line.Contains($"\"{label}\"", StringComparison.Ordinal)))
        .Sum(static line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
}
