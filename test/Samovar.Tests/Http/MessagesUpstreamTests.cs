using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Http;

/// <summary>What clients see of an upstream that speaks the Messages API.</summary>
public sealed class MessagesUpstreamTests
{
    private const string Question = """{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"go"}]}""";

    /// <summary>Clients send the message back on <c>pause_turn</c>, and only then.</summary>
    [Theory]
    [InlineData("pause_turn", "pause_turn", "length")]
    [InlineData("model_context_window_exceeded", "model_context_window_exceeded", "length")]
    [InlineData("max_tokens", "max_tokens", "length")]
    [InlineData("refusal", "refusal", "content_filter")]
    public async Task UpstreamsOwnReason_ComesThrough_AndIsALimitToClientsOfOtherProtocols(string reason, string seen, string chat)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([.. Answer(reason).Select(e => $"data: {e}\n\n")]);
        await using var server = await RunningServer.StartAsync(null, Pool("messages", null, upstream.BaseUrl));

        Assert.Equal(seen, (await WholeAsync(server, "messages", Question)).GetProperty("stop_reason").GetString());
        var events = await EventsAsync(server, "messages", Question);
        Assert.Equal(seen, events.Single(e => Type(e) == "message_delta").GetProperty("delta").GetProperty("stop_reason").GetString());

        var choice = (await WholeAsync(server, "chat/completions", Question)).GetProperty("choices")[0];
        Assert.Equal(chat, choice.GetProperty("finish_reason").GetString());
        var response = await WholeAsync(server, "responses", """{"model":"m","input":"go","store":true}""");
        Assert.Equal("incomplete", response.GetProperty("status").GetString());
        var why = response.GetProperty("incomplete_details").GetProperty("reason").GetString();
        Assert.Equal(chat == "length" ? "max_output_tokens" : chat, why);
        var word = reason is "pause_turn" or "model_context_window_exceeded" ? reason : null;
        Assert.Equal(word, response.TryGetProperty("stop_reason", out var said) ? said.GetString() : null);
        var kept = await server.Http.GetStringAsync($"/v1/responses/{response.GetProperty("id").GetString()}");
        Assert.Equal(word is not null, kept.Contains($"\"stop_reason\":\"{word}\"", StringComparison.Ordinal));
        var last = (await EventsAsync(server, "responses", """{"model":"m","input":"go"}"""))[^1];
        Assert.Equal("response.incomplete", Type(last));
    }

    [Theory]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task UpstreamsOwnReason_ComesThroughAnotherSamovar(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([.. Answer("pause_turn").Select(e => $"data: {e}\n\n")]);
        await using var behind = await RunningServer.StartAsync(null, Pool("messages", null, upstream.BaseUrl));
        await using var server = await RunningServer.StartAsync(null, Pool(kind, "samovar", $"{behind.Address}v1"));
        Assert.Equal("pause_turn", (await WholeAsync(server, "messages", Question.Replace("\"m\"", "\"n\"", StringComparison.Ordinal)))
            .GetProperty("stop_reason").GetString());
    }

    /// <summary>An upstream's own words for it, with a code and without: those of this API come through as they are.</summary>
    [Theory]
    [InlineData("chat", """{"message":"Too many.","type":"x","param":"messages","code":"context_length_exceeded"}""",
        "prompt is too long: Too many.")]
    [InlineData("chat", """{"message":"This model's maximum context length is 9 tokens.","type":"BadRequestError","code":400}""",
        "prompt is too long: This model's maximum context length is 9 tokens.")]
    [InlineData("chat", """{"code":400,"message":"request (20 tokens) exceeds the available context size (9 tokens)","type":"x"}""",
        "prompt is too long: request (20 tokens) exceeds the available context size (9 tokens)")]
    [InlineData("messages", """{"type":"invalid_request_error","message":"prompt is too long: 20 tokens > 9 maximum"}""",
        "prompt is too long: 20 tokens > 9 maximum")]
    [InlineData("chat", """{"message":"This request needs 20 tokens, but the context holds 9.","code":"context_length_exceeded"}""",
        "prompt is too long: 20 tokens > 9 maximum")]
    public async Task UpstreamsPromptThatIsTooLong_IsSaidAsClientsKnowIt(string kind, string error, string message)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([$$"""{"error":{{error}}}"""]) { Status = 400, ContentType = "application/json" };
        await using var server = await RunningServer.StartAsync(null, Pool(kind, null, upstream.BaseUrl));
        foreach (var json in new[] { Question, Question[..^1] + ",\"stream\":true}" })
        {
            var said = (await RefusedAsync(server, "messages", json)).GetProperty("error");
            Assert.Equal((message, "context_length_exceeded"),
                (said.GetProperty("message").GetString(), said.GetProperty("code").GetString()));
        }
        var elsewhere = (await RefusedAsync(server, "chat/completions", Question)).GetProperty("error");
        Assert.Equal("context_length_exceeded", elsewhere.GetProperty("code").GetString());
        Assert.Equal(kind == "messages", elsewhere.GetProperty("message").GetString()!.StartsWith("prompt", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswersLimit_ThatIsTooLarge_IsNoPromptThatIsTooLong()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer(["""
            {"error":{"message":"'max_tokens' is too large: 99. This model's maximum context length is 50 tokens.","code":400}}
            """]) { Status = 400, ContentType = "application/json" };
        await using var server = await RunningServer.StartAsync(null, Pool("chat", null, upstream.BaseUrl));
        var said = (await RefusedAsync(server, "messages", Question)).GetProperty("error");
        Assert.Equal("invalid_request_error", said.GetProperty("code").GetString());
        Assert.StartsWith("'max_tokens'", said.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static string[] Answer(string reason) =>
    [
        """{"type":"message_start","message":{"id":"msg_1","model":"fake-model","usage":{"input_tokens":3,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"I look"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"srv_1","name":"find","input":{}}}""",
        """{"type":"content_block_stop","index":1}""",
        $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}"},"usage":{"output_tokens":5}}""",
        """{"type":"message_stop"}""",
    ];

    private static Dictionary<string, string?> Pool(string kind, string? dialect, string address) => new()
    {
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = "a",
        ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
        ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = address,
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "m=fake-model",
        ["Upstream:Pools:0:Destinations:0:Models:1"] = "n=m",
    };

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    private static async Task<JsonElement> RefusedAsync(RunningServer server, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync($"/v1/{path}", content);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, reply.StatusCode);
        return JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;
    }

    private static async Task<JsonElement> WholeAsync(RunningServer server, string path, string json) =>
        JsonDocument.Parse(await PostAsync(server, path, json)).RootElement;

    private static async Task<List<JsonElement>> EventsAsync(RunningServer server, string path, string json)
    {
        var stream = await PostAsync(server, path, json[..^1] + ",\"stream\":true}");
        return [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }

    private static async Task<string> PostAsync(RunningServer server, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync($"/v1/{path}", content);
        var body = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, body);
        return body;
    }
}
