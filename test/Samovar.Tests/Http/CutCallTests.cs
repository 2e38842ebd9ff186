using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Responses;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>
/// A call that a limit cuts off has the same arguments streamed and whole, on every API, and never a key that nobody wrote.
/// </summary>
public sealed class CutCallTests : IAsyncLifetime
{
    private const string Arguments = """
        {"path": "notes/a \"b\" \ud83d\ude00.txt", "days": 12, "deep": {"list": [1, true, "x"]}}
        """;

    private const string Asked = """
        "messages":[{"role":"user","content":"x"}]
        """;

    private readonly CutBackend _backend = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task CutCall_IsTheSameStreamedAndWhole_WhereverItIsCut()
    {
        using var complete = JsonDocument.Parse(Arguments);
        for (var cut = 0; cut < Arguments.Length; cut++)
        {
            _backend.Said = Arguments[..cut];
            var input = Block(await WholeAsync("messages", Messages)).GetProperty("input");
            Assert.Equal(input.GetRawText(), await StreamedAsync("messages", Messages, Partial) is { Length: > 0 } pieces ? pieces : "{}");
            foreach (var property in input.EnumerateObject()) Assert.True(complete.RootElement.TryGetProperty(property.Name, out _));

            var chat = (await WholeAsync("chat/completions", Chat)).GetProperty("choices")[0];
            Assert.Equal("length", chat.GetProperty("finish_reason").GetString());
            var call = chat.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function");
            Assert.Equal((_backend.Said, "read"), (call.GetProperty("arguments").GetString(), call.GetProperty("name").GetString()));
            Assert.Equal(_backend.Said, await StreamedAsync("chat/completions", Chat, ChatPiece));

            var response = await WholeAsync("responses", Responses);
            Assert.Equal("incomplete", response.GetProperty("status").GetString());
            var item = response.GetProperty("output")[0];
            Assert.Equal("incomplete", item.GetProperty("status").GetString());
            Assert.Equal(_backend.Said, item.GetProperty("arguments").GetString());
            Assert.Equal(_backend.Said, await StreamedAsync("responses", Responses, Delta));
        }
    }

    [Theory]
    [InlineData("""{"content":"cut \ud83d here","file_path":"/a"}""", """{"content":"cut \ufffd here","file_path":"/a"}""")]
    [InlineData("""{"content":"\ude00","file_path":"/a\ud83d"}""", """{"content":"\ufffd","file_path":"/a\ufffd"}""")]
    public async Task HalfOfAPair_TakesNothingAwayOfACall_StreamedOrWhole(string said, string input)
    {
        _backend.Said = said;
        Assert.Equal(input, Block(await WholeAsync("messages", Messages)).GetProperty("input").GetRawText());
        Assert.Equal(input, await StreamedAsync("messages", Messages, Partial));
    }

    [Theory]
    [InlineData("{\"path\":\u00a0\"x\"}"), InlineData("\u3000{\"path\":\"x\"}")]
    public async Task SpacesThatAreNotJson_BreakNoAnswer(string said)
    {
        _backend.Said = said;
        Assert.Equal("""{"path":"x"}""", Block(await WholeAsync("messages", Messages)).GetProperty("input").GetRawText());
        Assert.Equal("""{"path":"x"}""", await StreamedAsync("messages", Messages, Partial));
    }

    [Fact]
    public async Task MessageStart_HasThePromptsTokens()
    {
        var start = (await EventsAsync("messages", Messages))[0];
        Assert.Equal("message_start", start.GetProperty("type").GetString());
        Assert.Equal(CutBackend.InputTokens, start.GetProperty("message").GetProperty("usage").GetProperty("input_tokens").GetInt32());
        var created = (await EventsAsync("responses", Responses))[0].GetProperty("response");
        Assert.Equal(JsonValueKind.Null, created.GetProperty("usage").ValueKind); // as the public service has it
    }

    private static string Messages(bool stream) => Body(
        "\"max_tokens\":9," + Asked, """{"name":"read","input_schema":{"type":"object"}}""", stream);

    private static string Chat(bool stream) => Body(
        "\"max_tokens\":9," + Asked, """{"type":"function","function":{"name":"read","parameters":{"type":"object"}}}""", stream);

    private static string Responses(bool stream) => Body(
        "\"max_output_tokens\":19,\"input\":\"x\"", """{"type":"function","name":"read","parameters":{"type":"object"}}""", stream);

    private static string Body(string fields, string tool, bool stream) =>
        "{\"model\":\"m\"," + fields + ",\"tools\":[" + tool + (stream ? "],\"stream\":true}" : "]}");

    private static JsonElement Block(JsonElement message)
    {
        Assert.Equal("max_tokens", message.GetProperty("stop_reason").GetString());
        return Assert.Single(message.GetProperty("content").EnumerateArray());
    }

    private static string? Partial(JsonElement e) =>
        e.TryGetProperty("delta", out var delta) && delta.TryGetProperty("partial_json", out var json) ? json.GetString() : null;

    private static string? ChatPiece(JsonElement e) =>
        e.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("tool_calls", out var calls)
            ? calls[0].GetProperty("function").GetProperty("arguments").GetString() : null;

    private static string? Delta(JsonElement e) =>
        e.GetProperty("type").GetString() == "response.function_call_arguments.delta" ? e.GetProperty("delta").GetString() : null;

    private async Task<JsonElement> WholeAsync(string path, Func<bool, string> body) =>
        JsonDocument.Parse(await PostAsync(path, body(false))).RootElement;

    private async Task<string> StreamedAsync(string path, Func<bool, string> body, Func<JsonElement, string?> piece) =>
        string.Concat((await EventsAsync(path, body)).Select(piece));

    private async Task<List<JsonElement>> EventsAsync(string path, Func<bool, string> body) =>
        [.. (await PostAsync(path, body(true))).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[6..]).RootElement)];

    private async Task<string> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/" + path, content);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>Calls with so much of its arguments, a few characters at a time, and is cut off.</summary>
    private sealed class CutBackend : IBackend
    {
        public const int InputTokens = 123;

        public string Said { get; set; } = "";
        public IReadOnlyList<BackendModel> Models => [new BackendModel("m", "test", null)];

        public async IAsyncEnumerable<BackendEvent> RunAsync(
            BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
        {
            await Task.CompletedTask;
            yield return new BackendEvent.Accepted("m") { Usage = new Usage(InputTokens, 0, 0, 0) };
            yield return new BackendEvent.FunctionCallStarted("read");
            foreach (var piece in Said.Chunk(3)) yield return new BackendEvent.Delta(new string(piece));
            yield return new BackendEvent.Finished(new Usage(InputTokens, 0, 9, 0), "max_output_tokens");
        }
    }
}
