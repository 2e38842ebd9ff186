using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Tests.Backends.Embedded;
using Samovar.Tests.Documents;

namespace Samovar.Tests.Http;

/// <summary>All that Codex calls on a provider: a test for each row of its table in <c>docs/agents.md</c>.</summary>
public sealed class CodexContractTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(
        new Talk(Families.ChatMl).Says("one").Says("two").Backend,
        new Dictionary<string, string?> { ["Routing:Aliases:gpt-local"] = "fake", ["Routing:Aliases:nobody"] = "other" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Rows that this class has a test for; the others are refused.</summary>
    private static readonly string[] Answered =
    [
        "GET /v1/models?client_version=…", "GET /v1/responses (upgrade)", "POST /v1/responses", "HEAD /v1/responses",
        "POST /v1/responses/compact",
        "input item compaction_trigger", "tools of type namespace, custom, web_search, tool_search; item additional_tools",
    ];

    public static TheoryData<string> Refused =>
    [
        "POST /v1/images/generations", "POST /v1/images/edits", "POST /v1/alpha/search", "POST /v1/realtime/calls",
        "POST /v1/memories/trace_summarize",
    ];

    [Fact]
    public async Task Table_HasJustTheseRows()
    {
        var rows = (await MarkdownTable.RowsAsync("agents.md", "What Codex calls"))
            .Select(row => row[0].Replace("`", "", StringComparison.Ordinal));
        Assert.Equal(Answered.Concat(Refused.Select(row => row.Data)).Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Catalogue_HasWhatCodexRefusesAnEntryWithout_AndTheListAsWell()
    {
        var plain = await _server.Http.GetFromJsonAsync<JsonElement>("/v1/models", Soon.Token);
        Assert.False(plain.TryGetProperty("models", out _));
        var list = await _server.Http.GetFromJsonAsync<JsonElement>("/v1/models?client_version=0.171.0", Soon.Token);
        Assert.Equal(plain.GetProperty("data").GetRawText(), list.GetProperty("data").GetRawText());
        var models = list.GetProperty("models").EnumerateArray().ToList();
        Assert.Equal(["fake", "gpt-local"], models.Select(model => model.GetProperty("slug").GetString()));
        foreach (var model in models)
        {
            foreach (var (name, kind) in Needed) Assert.Equal((name, kind), (name, model.GetProperty(name).ValueKind));
            Assert.Equal("unified_exec", model.GetProperty("shell_type").GetString());
            Assert.Equal("freeform", model.GetProperty("apply_patch_tool_type").GetString());
            Assert.Equal("tokens", model.GetProperty("truncation_policy").GetProperty("mode").GetString());
            Assert.InRange(model.GetProperty("truncation_policy").GetProperty("limit").GetInt32(), 1, 10_000);
            Assert.Equal(["text"], model.GetProperty("input_modalities").EnumerateArray().Select(one => one.GetString()));
            Assert.True(model.GetProperty("context_window").GetInt32() > 0);
        }
    }

    private static readonly (string, JsonValueKind)[] Needed =
    [
        ("slug", JsonValueKind.String), ("display_name", JsonValueKind.String), ("supported_reasoning_levels", JsonValueKind.Array),
        ("shell_type", JsonValueKind.String), ("visibility", JsonValueKind.String), ("supported_in_api", JsonValueKind.True),
        ("priority", JsonValueKind.Number), ("support_verbosity", JsonValueKind.False), ("truncation_policy", JsonValueKind.Object),
        ("experimental_supported_tools", JsonValueKind.Array), ("base_instructions", JsonValueKind.String),
    ];

    [Fact]
    public async Task Socket_TakesAWarmUp_AndGoesOnFromIt()
    {
        await using var socket = await _server.ConnectAsync(options =>
        {
            options.SetRequestHeader("openai-beta", "responses_websockets=2026-02-06");
            options.SetRequestHeader("session-id", "01a2");
            options.SetRequestHeader("thread-id", "01a2");
        });
        var warm = (await socket.AskAsync(Frame(""","generate":false""", "[]")))[^1];
        Assert.Equal("response.completed", warm.GetProperty("type").GetString());
        var id = warm.GetProperty("response").GetProperty("id").GetString();
        var turn = await socket.AskAsync(Frame($$""","previous_response_id":"{{id}}" """,
            """[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]"""));
        Assert.Contains(turn, one => one.GetProperty("type").GetString() == "response.output_item.done");
        Assert.Equal("response.completed", turn[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Post_Streams_AndHeadSaysWhatTheRouteIs()
    {
        using var answer = await PostAsync("/v1/responses", Body("", """[{"role":"user","content":"hi"}]"""));
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.Contains("event: response.output_item.done", text, StringComparison.Ordinal);
        Assert.Contains("event: response.completed", text, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("openai-model")); // with another name Codex would say that it was rerouted
        using var head = await _server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/responses"), Soon.Token);
        Assert.Equal(HttpStatusCode.UpgradeRequired, head.StatusCode);
    }

    [Fact]
    public async Task Compaction_IsOneItem_ByTheTriggerAndByTheRoute()
    {
        using var answer = await PostAsync("/v1/responses", Body("", """[{"role":"user","content":"hi"},{"type":"compaction_trigger"}]"""));
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        var done = text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[6..]).RootElement)
            .Where(one => one.GetProperty("type").GetString() == "response.output_item.done").ToList();
        Assert.Equal("compaction", Assert.Single(done).GetProperty("item").GetProperty("type").GetString());
        using var compact = await PostAsync("/v1/responses/compact", """{"model":"fake","input":[{"role":"user","content":"hi"}]}""");
        var window = JsonDocument.Parse(await compact.Content.ReadAsStringAsync(Soon.Token)).RootElement;
        Assert.Equal("response.compaction", window.GetProperty("object").GetString());
    }

    [Fact]
    public async Task Tools_OfItsKinds_AreTaken()
    {
        const string tools = ""","tools":[{"type":"function","name":"exec_command","parameters":{"type":"object"},"strict":false},"""
            + """{"type":"custom","name":"apply_patch","description":"d","""
            + """ "format":{"type":"grammar","syntax":"lark","definition":"start: \"x\""}},"""
            + """{"type":"namespace","name":"multi_agent_v1","description":"d","""
            + """ "tools":[{"type":"function","name":"close","parameters":{"type":"object"}}]},"""
            + """{"type":"web_search","external_web_access":true},"""
            + """{"type":"tool_search","execution":"client","description":"d","parameters":{"type":"object"}}]""";
        using var answer = await PostAsync("/v1/responses", Body(tools, """[{"role":"user","content":"hi"}]"""));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Soon.Token));
        const string lite = """[{"type":"additional_tools","role":"developer","tools":["""
            + """{"type":"function","name":"exec_command","parameters":{"type":"object"}}]},{"role":"user","content":"hi"}]""";
        using var light = await PostAsync("/v1/responses", Body("", lite));
        Assert.True(light.IsSuccessStatusCode, await light.Content.ReadAsStringAsync(Soon.Token));
    }

    [Theory, MemberData(nameof(Refused))]
    public async Task OtherRoutes_AreRefused_InTheApisForm(string row)
    {
        using var answer = await PostAsync(row.Split(' ')[1], "{}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Soon.Token)).RootElement.GetProperty("error");
        Assert.Equal(JsonValueKind.String, error.GetProperty("message").ValueKind);
    }

    private static string Frame(string fields, string input) => $$"""{"type":"response.create",{{Rest(fields, input)}}""";
    private static string Body(string fields, string input) => "{" + Rest(fields, input);

    private static string Rest(string fields, string input) => $$"""
        "model":"gpt-local","stream":true,"input":{{input}},"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"summary":"auto"},
        "store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"01a2",
        "client_metadata":{"turn_id":"t-7","thread_id":"01a2"}{{fields}}}
        """;

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _server.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Soon.Token);
}
