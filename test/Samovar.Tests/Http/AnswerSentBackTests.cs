using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Backends;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>
/// Whatever was answered can be sent back: as it came whole, and as clients put a stream together. Else a conversation would be locked by
/// the server's own words.
/// </summary>
public sealed class AnswerSentBackTests : IAsyncLifetime
{
    private const string Tool = "\"name\":\"read\"", Schema = """{"type":"object"}""";

    private readonly SpokenBackend _backend = new();
    private RunningServer _server = null!;

    public static TheoryData<string> Answers => [.. SpokenBackend.Answers.Keys];

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory, MemberData(nameof(Answers))]
    public async Task AnswerOfChat_IsTakenBack(string answer)
    {
        _backend.Said = SpokenBackend.Answers[answer];
        const string tools = $$$""","tools":[{"type":"function","function":{{{{Tool}}},"parameters":{{{Schema}}}}}]""";
        var message = (await PostAsync("chat/completions", [], tools))["choices"]![0]!["message"]!;
        var streamed = ChatStreamed(await StreamAsync("chat/completions", tools));
        foreach (var said in new[] { message, streamed })
            await PostAsync("chat/completions", [said, .. Results(said["tool_calls"] as JsonArray, static (id, _) => new JsonObject
            {
                ["role"] = "tool", ["tool_call_id"] = id, ["content"] = "1",
            })], tools);
    }

    [Theory, MemberData(nameof(Answers))]
    public async Task AnswerOfMessages_IsTakenBack(string answer)
    {
        _backend.Said = SpokenBackend.Answers[answer];
        const string tools = $$""","tools":[{{{Tool}},"input_schema":{{Schema}}}]""";
        var content = (await PostAsync("messages", [], tools))["content"]!;
        var streamed = MessagesStreamed(await StreamAsync("messages", tools));
        foreach (var said in new[] { content, streamed })
        {
            var calls = new JsonArray([.. said.AsArray().Where(static block => (string?)block!["type"] == "tool_use")
                .Select(static block => block!.DeepClone())]);
            var message = new JsonObject { ["role"] = "assistant", ["content"] = said.DeepClone() };
            await PostAsync("messages", [message, .. Results(calls, static (id, _) => new JsonObject
            {
                ["role"] = "user",
                ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = id, ["content"] = "1" }),
            })], tools);
        }
    }

    [Theory, MemberData(nameof(Answers))]
    public async Task AnswerOfResponses_IsTakenBack(string answer)
    {
        _backend.Said = SpokenBackend.Answers[answer];
        const string tools = $$""","tools":[{"type":"function",{{Tool}},"parameters":{{Schema}}}]""";
        var output = (await PostAsync("responses", [], tools))["output"]!.AsArray();
        var streamed = (await StreamAsync("responses", tools)).Where(static e => (string?)e["type"] == "response.output_item.done")
            .Select(static e => e["item"]!);
        foreach (var said in new[] { output, new JsonArray([.. streamed.Select(static item => item.DeepClone())]) })
        {
            var calls = new JsonArray([.. said.Where(static item => (string?)item!["type"] == "function_call")
                .Select(static item => item!.DeepClone())]);
            await PostAsync("responses", [.. said.Select(static item => item!), .. Results(calls, static (_, call) => new JsonObject
            {
                ["type"] = "function_call_output", ["call_id"] = (string?)call["call_id"], ["output"] = "1",
            })], tools);
        }
    }

    private static IEnumerable<JsonNode> Results(JsonArray? calls, Func<string?, JsonNode, JsonObject> result) =>
        (calls ?? []).Select(call => result((string?)call!["id"], call));

    /// <summary>As the SDK's own helper adds a stream up.</summary>
    private static JsonObject ChatStreamed(IEnumerable<JsonNode> chunks)
    {
        var message = new JsonObject();
        foreach (var delta in chunks.Select(static chunk => chunk["choices"]?.AsArray().FirstOrDefault()?["delta"]).OfType<JsonObject>())
            foreach (var (name, value) in delta)
            {
                if (name != "tool_calls") message[name] = Joined(message[name], value);
                else foreach (var piece in value!.AsArray()) AddCall(message, piece!);
            }
        return message;
    }

    private static void AddCall(JsonObject message, JsonNode piece)
    {
        var calls = message["tool_calls"] as JsonArray ?? [];
        message["tool_calls"] = calls;
        if ((int)piece["index"]! == calls.Count) calls.Add(piece.DeepClone());
        else calls[^1]!["function"]!["arguments"] = Joined(calls[^1]!["function"]!["arguments"], piece["function"]!["arguments"]);
        calls[^1]!.AsObject().Remove("index");
    }

    private static JsonNode? Joined(JsonNode? before, JsonNode? more) =>
        before is JsonValue && more is JsonValue && before.GetValueKind() == JsonValueKind.String
            ? (string?)before + (string?)more : (more ?? before)?.DeepClone();

    private static JsonArray MessagesStreamed(IEnumerable<JsonNode> events)
    {
        var content = new JsonArray();
        var input = "";
        foreach (var e in events)
        {
            if ((string?)e["type"] == "content_block_start")
            {
                content.Add(e["content_block"]!.DeepClone());
                input = "";
            }
            if ((string?)e["type"] == "content_block_stop" && input.Length > 0) content[^1]!["input"] = Read(input);
            if (e["delta"] is not JsonObject delta || (string?)e["type"] != "content_block_delta") continue;
            input += (string?)delta["partial_json"] ?? "";
            foreach (var name in new[] { "text", "thinking", "signature" })
                if (delta[name] is { } more) content[^1]![name] = (string?)content[^1]![name] + (string?)more;
        }
        return content;
    }

    private static JsonNode Read(string json) => JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 1000 })!;

    private async Task<JsonNode> PostAsync(string path, IEnumerable<JsonNode> said, string fields)
    {
        using var reply = await SendAsync(path, said, fields);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == HttpStatusCode.OK, text);
        return Read(text);
    }

    private async Task<List<JsonNode>> StreamAsync(string path, string fields)
    {
        using var reply = await SendAsync(path, [], fields + ",\"stream\":true");
        return [.. (await reply.Content.ReadAsStringAsync()).Split('\n')
            .Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(static line => Read(line[6..]))];
    }

    /// <summary>A question, what is sent back of its answer, and another question.</summary>
    private async Task<HttpResponseMessage> SendAsync(string path, IEnumerable<JsonNode> said, string fields)
    {
        const string question = """{"role":"user","content":"x"}""";
        var options = new JsonSerializerOptions { MaxDepth = 1000 };
        var all = string.Join(',', [question, .. said.Select(node => node.ToJsonString(options)), question]);
        var name = path == "responses" ? "input" : "messages";
        using var content = new StringContent($$"""{"model":"m","{{name}}":[{{all}}]{{fields}}}""", Encoding.UTF8, "application/json");
        return await _server.Http.PostAsync("/v1/" + path, content);
    }

    /// <summary>Says one answer, whatever it is asked.</summary>
    private sealed class SpokenBackend : IBackend
    {
        private static readonly string Deep = Nested(150), TooDeep = Nested(2000);

        public static IReadOnlyDictionary<string, Spoken> Answers { get; } = new Dictionary<string, Spoken>(StringComparer.Ordinal)
        {
            ["nothing"] = new([]),
            ["an empty text"] = new([new BackendEvent.MessageStarted(), new BackendEvent.ItemDone()]),
            ["a thought alone"] = new(
                [new BackendEvent.ReasoningStarted(), new BackendEvent.Delta("hm"), new BackendEvent.ItemDone()]),
            ["a refusal"] = new([new BackendEvent.MessageStarted(), new BackendEvent.RefusalDelta("no"), new BackendEvent.ItemDone()]),
            ["a text that is cut off"] = new([new BackendEvent.MessageStarted(), new BackendEvent.Delta("so")], "max_output_tokens"),
            ["nothing but its limit"] = new([], "max_output_tokens"),
            ["a call that is cut off"] = new(
                [new BackendEvent.FunctionCallStarted("read", "c1"), new BackendEvent.Delta("{\"a\": [tr")], "max_output_tokens"),
            ["a deep call"] = new(
                [new BackendEvent.FunctionCallStarted("read", "c1"), new BackendEvent.Delta(Deep), new BackendEvent.ItemDone()]),
            ["a call that is too deep"] = new(
                [new BackendEvent.FunctionCallStarted("read", "c1"), new BackendEvent.Delta(TooDeep), new BackendEvent.ItemDone()]),
            ["a block of a provider"] = new([new BackendEvent.CarriedItem(RawJson.Of("""
                {"type":"messages_block","role":"assistant","block":{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}}
                """))]),
        };

        private static string Nested(int levels) => $$"""{"a":1,"b":{{new string('[', levels)}}{{new string(']', levels)}}}""";

        public Spoken Said { get; set; } = new([]);

        public IReadOnlyList<BackendModel> Models { get; } = [new BackendModel("m", "samovar", 1000)];

        public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
        {
            await Task.Yield();
            yield return new BackendEvent.Accepted("m");
            foreach (var e in Said.Events) yield return e;
            yield return new BackendEvent.Finished(Usage.Zero, Said.IncompleteReason);
        }
    }

    /// <summary>One answer of a backend.</summary>
    private sealed record Spoken(IReadOnlyList<BackendEvent> Events, string? IncompleteReason = null);
}
