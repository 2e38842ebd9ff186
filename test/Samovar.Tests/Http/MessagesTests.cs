using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Server.Http;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary><c>POST /v1/messages</c> as its clients see it.</summary>
public sealed class MessagesTests : IAsyncLifetime
{
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ManualTime _time = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await RunningServer.StartAsync(_backend, null, services => services.AddSingleton<TimeProvider>(_time));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Answer_IsAMessage()
    {
        var (status, body) = await PostAsync(Ask("[[final=hello there]] [[think=text]]"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("msg_", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("""[{"type":"thinking","thinking":"thinkingsecret thoughts","signature":"samovar-open"},"""
            + """{"type":"text","text":"hello there"}]""",
            body.GetProperty("content").GetRawText());
        Assert.Equal("end_turn", body.GetProperty("stop_reason").GetString());
        var usage = body.GetProperty("usage");
        Assert.True(usage.GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal(0, usage.GetProperty("cache_read_input_tokens").GetInt32());
    }

    [Fact]
    public async Task Stream_SendsBlockAfterBlock_EachWholeAndInOrder()
    {
        var events = await StreamAsync(Ask("[[steps=1]] [[par=2]] [[say=I look]] [[think=both]]",
            """{"name":"bash","input_schema":{"type":"object"}}"""));
        Assert.Equal("message_start", events[0].GetProperty("type").GetString());
        Assert.Equal(["message_delta", "message_stop"], events.TakeLast(2).Select(e => e.GetProperty("type").GetString()));
        Assert.Equal("tool_use", events[^2].GetProperty("delta").GetProperty("stop_reason").GetString());
        Assert.True(events[^2].GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);

        var kinds = new List<string>();
        var text = new StringBuilder();
        var arguments = new StringBuilder();
        foreach (var e in events.Skip(1).SkipLast(2))
        {
            var type = e.GetProperty("type").GetString();
            if (type == "content_block_start") kinds.Add(e.GetProperty("content_block").GetProperty("type").GetString()!);
            Assert.Equal(kinds.Count - 1, e.GetProperty("index").GetInt32());
            if (type != "content_block_delta") continue;
            var delta = e.GetProperty("delta");
            if (delta.TryGetProperty("text", out var said)) text.Append(said.GetString());
            if (delta.TryGetProperty("partial_json", out var part)) arguments.Append(part.GetString());
        }
        Assert.Equal(["thinking", "text", "tool_use", "tool_use"], kinds);
        Assert.Equal("I look", text.ToString());
        Assert.Equal(2, arguments.ToString().Split("\"command\"").Length - 1);
        Assert.Equal(kinds.Count, events.Count(e => e.GetProperty("type").GetString() == "content_block_stop"));
        var signature = events.Single(e => e.TryGetProperty("delta", out var delta) && delta.TryGetProperty("signature", out _));
        Assert.StartsWith("samovar-sealed:gAAAA", signature.GetProperty("delta").GetProperty("signature").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thoughts_ComeWithoutTheirText_WhereItIsToBeOmitted()
    {
        var ask = Ask("[[final=hello]] [[think=text]]")[..^1] + ""","thinking":{"type":"adaptive","display":"omitted"}}""";
        var (_, body) = await PostAsync(ask);
        Assert.Equal("""[{"type":"thinking","thinking":"","signature":"samovar-open"},{"type":"text","text":"hello"}]""",
            body.GetProperty("content").GetRawText());
        var events = await StreamAsync(ask);
        Assert.DoesNotContain(events, e => e.GetRawText().Contains("thinking_delta", StringComparison.Ordinal));
        Assert.Contains(events, e => e.GetRawText().Contains("signature_delta", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WrongRequest_IsAnErrorOfAnthropicsShape()
    {
        var (status, body) = await PostAsync("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":5}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("error", body.GetProperty("type").GetString());
        Assert.StartsWith("req_", body.GetProperty("request_id").GetString(), StringComparison.Ordinal);
        var error = body.GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal("messages.0.content", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task LimitReached_StopsWithMaxTokens()
    {
        var (_, body) = await PostAsync(Ask("[[final=some words that are cut off]]").Replace("\"max_tokens\":99", "\"max_tokens\":1",
            StringComparison.Ordinal));
        Assert.Equal("max_tokens", body.GetProperty("stop_reason").GetString());
    }

    [Fact]
    public async Task NoWordsAsked_IsAnEmptyAnswer_WithThePromptsUsage()
    {
        var none = Ask("x").Replace("\"max_tokens\":99", "\"max_tokens\":0", StringComparison.Ordinal);
        var (status, body) = await PostAsync(none);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("max_tokens", body.GetProperty("stop_reason").GetString());
        Assert.Empty(body.GetProperty("content").EnumerateArray());
        Assert.True(body.GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal(0, body.GetProperty("usage").GetProperty("output_tokens").GetInt32());
        var events = await StreamAsync(none);
        Assert.Equal(["message_start", "message_delta", "message_stop"], events.Select(e => e.GetProperty("type").GetString()));
        (status, body) = await PostAsync(none.Replace("\"max_tokens\":0", "\"max_tokens\":-1", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, "max_tokens"), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task SilentStream_GetsPings_AndThenItsEvents()
    {
        var gate = new PhaseGate();
        _backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        using var body = new StringContent(Ask("x")[..^1] + ",\"stream\":true}", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = body };
        using var reply = await _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        await Soon.In(gate.Reached);
        await Silence.ReadToAsync(reader, "event: ping", _time);
        gate.Open();
        Assert.Contains("event: message_stop", await Soon.In(reader.ReadToEndAsync()), StringComparison.Ordinal);
    }

    private static string Ask(string text, string tools = "") =>
        "{\"model\":\"m\",\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":"
        + $"{JsonSerializer.Serialize(text)}}}],\"tools\":[{tools}]}}";

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/messages", content);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<List<JsonElement>> StreamAsync(string json)
    {
        using var content = new StringContent(json[..^1] + ",\"stream\":true}", Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/messages", content);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        var events = new List<JsonElement>();
        foreach (var text in (await reply.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = text.Split('\n');
            var e = JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement;
            Assert.Equal("event: " + e.GetProperty("type").GetString(), lines[0]);
            events.Add(e);
        }
        return events;
    }
}
