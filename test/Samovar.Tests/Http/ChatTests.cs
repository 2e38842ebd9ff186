using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary><c>POST /v1/chat/completions</c> as its clients see it.</summary>
public sealed class ChatTests : IAsyncLifetime
{
    private const string Tools = """[{"type":"function","function":{"name":"bash","parameters":{"type":"object"}}}]""";

    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Answer_IsAChatCompletion()
    {
        var (status, body) = await PostAsync(Ask("[[final=hello there]] [[think=text]]"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("chatcmpl-", body.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal("scripted", body.GetProperty("model").GetString());
        var choice = Assert.Single(body.GetProperty("choices").EnumerateArray());
        Assert.Equal("""{"role":"assistant","content":"hello there","refusal":null,"reasoning_content":"thinkingsecret thoughts"}""",
            choice.GetProperty("message").GetRawText());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        var usage = body.GetProperty("usage");
        Assert.True(usage.GetProperty("prompt_tokens").GetInt32() > 0);
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("total_tokens").GetInt32());
        Assert.Equal(0, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(0, usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
    }

    [Fact]
    public async Task ParallelCalls_Stream_AndTheirOutputsAreTakenBack()
    {
        var chunks = await StreamAsync(
            Ask("[[steps=1]] [[par=2]] [[say=I look]] [[final=all done]]",
                $",\"tools\":{Tools},\"stream_options\":{{\"include_usage\":true}}"));
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.Equal("I look", string.Concat(chunks.Select(Delta).Select(delta => Text(delta, "content"))));
        var calls = new[] { new StringBuilder(), new StringBuilder() };
        var ids = new string?[2];
        foreach (var call in chunks.Select(Delta).Where(delta => delta.TryGetProperty("tool_calls", out _))
            .Select(delta => Assert.Single(delta.GetProperty("tool_calls").EnumerateArray())))
        {
            var index = call.GetProperty("index").GetInt32();
            ids[index] ??= call.GetProperty("id").GetString();
            calls[index].Append(call.GetProperty("function").GetProperty("arguments").GetString());
        }
        foreach (var call in calls) Assert.True(JsonDocument.Parse(call.ToString()).RootElement.TryGetProperty("command", out _));
        Assert.Equal("tool_calls", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));

        object[] history =
        [
            new { role = "user", content = "[[steps=1]] [[par=2]] [[say=I look]] [[final=all done]]" },
            new
            {
                role = "assistant", content = "I look", tool_calls = calls.Select((call, at) => new { id = ids[at], type = "function",
                    function = new { name = "bash", arguments = call.ToString() } }),
            },
            new { role = "tool", tool_call_id = ids[0], content = "1" },
            new { role = "tool", tool_call_id = ids[1], content = "2" },
        ];
        var (_, answer) = await PostAsync(JsonSerializer.Serialize(new { model = "m", messages = history }));
        Assert.Equal("all done", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task LimitReached_FinishesWithLength()
    {
        var (_, body) = await PostAsync(Ask("[[final=some words that are cut off]]", ",\"max_tokens\":1"));
        Assert.Equal("length", body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal("some", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task UnansweredCall_IsRefused_AndNamesTheMessages()
    {
        var (status, body) = await PostAsync("""
            {"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"function",
             "function":{"name":"f","arguments":"{}"}}]}]}
            """);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("messages", body.GetProperty("error").GetProperty("param").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FaultAfterTheStart_IsAnErrorOfItsOwnStatus_OrOfTheStream(bool streams)
    {
        _backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing
            ? throw new ApiException(Samovar.Protocol.Errors.Errors.ServerOverloaded, TimeSpan.FromSeconds(1)) : ValueTask.CompletedTask;
        if (streams)
        {
            var last = (await StreamAsync(Ask("x")))[^1];
            Assert.Equal("server_is_overloaded", last.GetProperty("error").GetProperty("code").GetString());
            return;
        }
        var (status, body) = await PostAsync(Ask("x"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("server_is_overloaded", body.GetProperty("error").GetProperty("code").GetString());
    }

    private static string Ask(string text, string more = "") =>
        $$"""{"model":"m","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{more}}}""";

    private static JsonElement Delta(JsonElement chunk) =>
        chunk.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("delta")).FirstOrDefault(NoDelta);

    private static readonly JsonElement NoDelta = JsonDocument.Parse("{}").RootElement;

    private static string Text(JsonElement delta, string field) => delta.TryGetProperty(field, out var text) ? text.GetString()! : "";

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/chat/completions", content);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>The chunks of a stream that ends as it should.</summary>
    private async Task<List<JsonElement>> StreamAsync(string json)
    {
        using var content = new StringContent(json[..^1] + ",\"stream\":true}", Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/chat/completions", content);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1)
            .Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }
}
