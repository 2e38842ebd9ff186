using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Bench.Workloads;

namespace Samovar.Bench.Peers;

/// <summary>A session over Chat Completions: the whole conversation goes up with each turn, the answer comes as a stream.</summary>
internal sealed class ChatTalk(HttpClient http, Uri server, string instructions, int outputTokens, int? slot) : ITalk
{
    private readonly JsonArray _messages = [Message("system", instructions)];

    public async Task<TalkFigures> SayAsync(string text)
    {
        _messages.Add(Message("user", text));
        var started = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{server}/chat/completions"));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body().ToJsonString()));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var (said, first, usage) = (new StringBuilder(), default(TimeSpan?), default(JsonElement));
        while (await lines.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            using var chunk = JsonDocument.Parse(line.AsMemory(6));
            if (chunk.RootElement.TryGetProperty("usage"u8, out var counted) && counted.ValueKind == JsonValueKind.Object)
                usage = counted.Clone();
            if (Piece(chunk.RootElement) is not { Length: > 0 } piece) continue;
            first ??= TimeProvider.System.GetElapsedTime(started);
            said.Append(piece);
        }
        _messages.Add(Message("assistant", said.ToString()));
        return Figures(usage, first ?? TimeProvider.System.GetElapsedTime(started));
    }

    private JsonObject Body()
    {
        var body = new JsonObject
        {
            ["model"] = "default",
            ["messages"] = _messages.DeepClone(),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["max_tokens"] = outputTokens,
            ["temperature"] = 0,
        };
        if (slot is { } number) body["id_slot"] = number;
        return body;
    }

    private static TalkFigures Figures(JsonElement usage, TimeSpan first) => new(
        usage.GetProperty("prompt_tokens"u8).GetInt32(),
        usage.GetProperty("prompt_tokens_details"u8).GetProperty("cached_tokens"u8).GetInt32(),
        usage.GetProperty("completion_tokens"u8).GetInt32(), first);

    private static string? Piece(JsonElement chunk) =>
        chunk.TryGetProperty("choices"u8, out var choices) && choices.GetArrayLength() > 0
        && choices[0].GetProperty("delta"u8).TryGetProperty("content"u8, out var content) ? content.GetString() : null;

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
