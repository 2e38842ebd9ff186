using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;
using Samovar.Tests.Backends.Embedded;

namespace Samovar.Tests.Http;

/// <summary>All that Claude Code calls: what <c>docs/agents.md</c> promises of it.</summary>
public sealed class ClaudeCodeContractTests : IAsyncLifetime
{
    private readonly RecordingRequestLog _records = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(
        new Talk(Families.ChatMl).Says("one").Says("one").Says("one").Backend,
        new Dictionary<string, string?>
        {
            ["Routing:Aliases:claude-house"] = "fake", ["Routing:Aliases:claude-lost"] = "nobody", ["Routing:Aliases:fake"] = "fake",
        },
        services => services.AddSingleton<IRequestLog>(_records));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Models_AreListedWithTheirAliases_AndWhatTheseMean()
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, "/v1/models?limit=1000");
        ask.Headers.Add("anthropic-version", "2023-06-01");
        using var answer = await _server.Http.SendAsync(ask, Soon.Token);
        var list = await answer.Content.ReadFromJsonAsync<JsonElement>(Soon.Token);
        Assert.Equal(["fake=fake", "claude-house=fake"], list.GetProperty("data").EnumerateArray()
            .Select(model => $"{model.GetProperty("id").GetString()}={model.GetProperty("display_name").GetString()}"));
        Assert.False(list.GetProperty("has_more").GetBoolean());
        Assert.Equal("claude-house", list.GetProperty("last_id").GetString());
    }

    [Fact]
    public async Task Root_AnswersItsHead()
    {
        using var head = await _server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), Soon.Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task Turn_IsTaken_Counted_AndCompared_AsItComes()
    {
        var first = Body("cch=1a2b3;", """{"role":"user","content":"hello there"}""", "null", stream: false);
        var counted = await AskAsync("/v1/messages/count_tokens?beta=true", first);
        var said = await AskAsync("/v1/messages?beta=true", first);
        Assert.Equal(counted.GetProperty("input_tokens").GetInt32(), Read(said));
        Assert.Equal(JsonValueKind.Null, said.GetProperty("diagnostics").ValueKind);
        var record = await _records.NextAsync();
        Assert.Empty(record.Dropped);
        Assert.Equal("[]", said.GetProperty("context_management").GetProperty("applied_edits").ToString()); // all thoughts are kept
        var next = await AskAsync("/v1/messages?beta=true", Body("cch=9f9f9;",
            """{"role":"user","content":"hello there"},{"role":"assistant","content":"one"},{"role":"user","content":"more"}""",
            $"\"{said.GetProperty("id").GetString()}\"", stream: false));
        Assert.Equal(JsonValueKind.Null, next.GetProperty("diagnostics").ValueKind); // the billing mark is another, the prompt is not
        Assert.True(next.GetProperty("usage").GetProperty("cache_read_input_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Turn_IsAStream_OfItsEvents()
    {
        using var answer = await _server.Http.PostAsync("/v1/messages?beta=true", Content(
            Body("cch=1;", """{"role":"user","content":"hello"}""", "null", stream: true)), Soon.Token);
        var types = (await answer.Content.ReadAsStringAsync(Soon.Token)).Split('\n')
            .Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..])
            .Distinct(StringComparer.Ordinal).ToList();
        Assert.Equal("message_start", types[0]);
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], types[^3..]);
    }

    [Fact]
    public async Task ClearedResults_AreSaid_AndCountedAsTheTurnReadsThem()
    {
        const string edits = """
            {"edits":[{"type":"clear_tool_uses_20250919","trigger":{"type":"tool_uses","value":1},"keep":{"type":"tool_uses","value":1}}]}
            """;
        const string said = """
            {"role":"user","content":"look"},
            {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"ls"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"a long list of files, all of it old"}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"toolu_2","name":"Bash","input":{"command":"ls"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_2","content":"new"}]}
            """;
        var body = Body("cch=1;", said, "null", stream: false, edits);
        var counted = await AskAsync("/v1/messages/count_tokens", body);
        var answer = await AskAsync("/v1/messages", body);
        Assert.Equal(counted.GetProperty("input_tokens").GetInt32(), Read(answer));
        var edit = answer.GetProperty("context_management").GetProperty("applied_edits")[0];
        Assert.Equal(1, edit.GetProperty("cleared_tool_uses").GetInt32());
        Assert.Equal(counted.GetProperty("context_management").GetProperty("original_input_tokens").GetInt32(),
            Read(answer) + edit.GetProperty("cleared_input_tokens").GetInt32());
        using var stream = await _server.Http.PostAsync(
            "/v1/messages", Content(Body("cch=1;", said, "null", stream: true, edits)), Soon.Token);
        var delta = (await stream.Content.ReadAsStringAsync(Soon.Token)).Split('\n')
            .Single(line => line.StartsWith("data: {\"type\":\"message_delta\"", StringComparison.Ordinal));
        Assert.Contains($"\"context_management\":{{\"applied_edits\":[{edit}]}}", delta, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"edits":[{"type":"clear_tool_uses_20250919","trigger":{"type":"days","value":1}}]}""", "edits.0.trigger.type")]
    [InlineData("""{"edits":[{"type":"clear_tool_uses_20250919","keep":{"type":"tool_uses"}}]}""", "edits.0.keep.value")]
    [InlineData("""{"edits":[{"type":"clear_thinking_20251015","keep":"none"}]}""", "edits.0.keep")]
    [InlineData("""{"edits":[{}]}""", "edits.0.type")]
    public async Task EditThatMeansNothing_IsRefusedByItsPlace(string edits, string place)
    {
        var body = Body("cch=1;", """{"role":"user","content":"hello"}""", "null", stream: false, edits);
        using var answer = await _server.Http.PostAsync("/v1/messages", Content(body), Soon.Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("context_management." + place, await answer.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_AreThreadsOfTheirSession_InTheRecord()
    {
        var body = Body("cch=1;", """{"role":"user","content":"hello"}""", "null", stream: false);
        await AskAsync("/v1/messages", body, ("x-claude-code-session-id", "s"));
        await AskAsync("/v1/messages", body, ("x-claude-code-session-id", "s"), ("x-claude-code-agent-id", "a"));
        await AskAsync("/v1/messages", body, ("x-claude-code-session-id", "s"), ("x-claude-code-agent-id", "b"),
            ("x-claude-code-parent-agent-id", "a"));
        foreach (var (thread, parent) in ((string, string?)[])[("s", null), ("a", null), ("b", "a")])
        {
            var record = await _records.NextAsync();
            Assert.Equal((thread, parent), (record.Thread, record.ParentThread));
        }
    }

    private static int Read(JsonElement message)
    {
        var usage = message.GetProperty("usage");
        return usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_read_input_tokens").GetInt32()
            + usage.GetProperty("cache_creation_input_tokens").GetInt32();
    }

    private const string KeptThoughts = """{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}""";

    private static string Body(string mark, string messages, string previous, bool stream, string edits = KeptThoughts) => $$$"""
        {"model":"claude-house","max_tokens":64,"stream":{{{(stream ? "true" : "false")}}},"messages":[{{{messages}}}],
        "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.332; {{{mark}}}"},
        {"type":"text","text":"You are an agent.","cache_control":{"type":"ephemeral"}}],
        "tools":[{"name":"Bash","description":"Runs it.","input_schema":{"type":"object","properties":{"command":{"type":"string"} } } }],
        "thinking":{"type":"adaptive"},"context_management":{{{edits}}},
        "metadata":{"user_id":"user_1"},"diagnostics":{"previous_message_id":{{{previous}}} }}
        """;

    private static StringContent Content(string body) => new(body, Encoding.UTF8, "application/json");

    private async Task<JsonElement> AskAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, path) { Content = Content(body) };
        ask.Headers.Add("anthropic-beta", "claude-code-20250219,context-management-2025-06-27");
        foreach (var (name, value) in headers) ask.Headers.Add(name, value);
        using var answer = await _server.Http.SendAsync(ask, Soon.Token);
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
