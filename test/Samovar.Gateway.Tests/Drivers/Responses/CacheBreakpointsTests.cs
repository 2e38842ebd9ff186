using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Where a provider that caches at breakpoints alone is told to write.</summary>
public sealed class CacheBreakpointsTests
{
    private const string Start = """{"type":"message","role":"developer","content":"rules"},""";
    private const string Question = """{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},"""
        + """{"type":"input_text","text":"b"}]}""";

    [Theory]
    [InlineData("gpt-5.6-sol", "", true, new[] { "rules", "b" })]
    [InlineData("gpt-5.5", "", true, new string[0])]
    [InlineData("gpt-5.6-sol", "", false, new string[0])]
    [InlineData("gpt-5.6-sol", ",\"prompt_cache_options\":{\"ttl\":\"30m\"}", true, new string[0])]
    public async Task Marks_AreBehindTheStart_AndTheNewestQuestion(string model, string fields, bool isOn, string[] marked)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, model, isOn));
        await gateway.TurnAsync(null, $"[{Start}{Question}]", fields);
        Assert.Equal(marked, Marked(upstream.Requests.Last()));
    }

    [Fact]
    public async Task Cost_IsInTheReport_WhereThePricesAreKnown()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, "gpt-6", isOn: true));
        var first = await gateway.TurnAsync(null, $"[{Start}{Question}]");
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("c"));
        var usage = second.Usage;
        Assert.Equal(usage.InputTokens - usage.CachedTokens + (usage.CachedTokens * 0.1), second.Report.InputCost!.Value, 3);
        using var older = new TestGateway(Options(upstream, "gpt-5.5", isOn: true));
        Assert.Null((await older.TurnAsync(null, $"[{Start}{Question}]")).Report.InputCost);
    }

    [Fact]
    public async Task Client_ThatMarks_IsLeftAlone()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, "gpt-6", isOn: true));
        var own = Question.Replace("\"a\"", "\"a\",\"prompt_cache_breakpoint\":{\"mode\":\"explicit\"}", StringComparison.Ordinal);
        await gateway.TurnAsync(null, $"[{Start}{own}]");
        Assert.Equal(["a"], Marked(upstream.Requests.Last()));
    }

    [Theory]
    [InlineData("""{"type":"message","role":"developer","content":"use prompt_cache_breakpoint"},""", Question,
        new[] { "use prompt_cache_breakpoint", "b" })]
    [InlineData(Start, """{"role":"user","content":[{"type":"input_text","text":"\"prompt_cache_breakpoint\":{}?"}]}""",
        new[] { "rules", "\"prompt_cache_breakpoint\":{}?" })]
    [InlineData(Start, """{"role":"user","content":[{"type":"input_text","text":"a","prompt_cache_breakpoint":null}]}""",
        new[] { "rules", "a" })]
    [InlineData(Start, Question + """,{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},"""
        + """{"type":"function_call_output","call_id":"c","output":"docs: set prompt_cache_breakpoint on a part"}""",
        new[] { "rules", "b" })]
    [InlineData(Start, Question + """,{"type":"function_call","call_id":"c","name":"f","arguments":"{\"prompt_cache_breakpoint\":1}"},"""
        + """{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"prompt_cache_breakpoint"}]}""",
        new[] { "rules", "b" })]
    [InlineData(Start, Question + """,{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},"""
        + """{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"x","""
        + """ "prompt_cache_breakpoint":{"mode":"explicit"}}]}""", new string[0])]
    public async Task ClientsWords_AreNoMarks(string start, string question, string[] marked)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, "gpt-6", isOn: true));
        await gateway.TurnAsync(null, $"[{start}{question}]");
        Assert.Equal(marked, Marked(upstream.Requests.Last()));
    }

    [Fact]
    public async Task Continuation_MarksTheSamePlaces_SoThatTheStartIsFound()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(Options(upstream, "gpt-6", isOn: true));
        var first = await gateway.TurnAsync(null, $"[{Start}{Question}]");
        await gateway.TurnAsync(first.Node, TestGateway.User("c"));
        Assert.Equal(["rules", "c"], Marked(upstream.Requests.Last()));
    }

    private static UpstreamOptions Options(FakeUpstream upstream, string model, bool isOn)
    {
        var options = TestGateway.Options("responses-http", upstream);
        var destination = options.Pools[0].Destinations[0];
        destination.Models.Clear();
        destination.Models.Add($"{TestGateway.Model}={model}");
        destination.CacheBreakpoints = isOn;
        return options;
    }

    private static IEnumerable<string> Marked(FakeRequest request) => request.Json.GetProperty("input").EnumerateArray()
        .Where(item => item.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
        .SelectMany(item => item.GetProperty("content").EnumerateArray())
        .Where(part => part.TryGetProperty("prompt_cache_breakpoint", out var mark) && mark.GetProperty("mode").GetString() == "explicit")
        .Select(part => part.GetProperty("text").GetString()!);
}
