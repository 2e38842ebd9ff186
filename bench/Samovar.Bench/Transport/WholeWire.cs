using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Samovar.Bench.Transport;

/// <summary>A turn of the Chat Completions protocol: all messages go up, chunks come down.</summary>
internal sealed class ChatWire(HttpMessageInvoker http, Uri server)
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly Uri _target = new(server, "/v1/chat/completions");

    /// <param name="body">JSON.</param>
    /// <param name="seen">Sees each chunk.</param>
    public async Task<TransportAnswer> TurnAsync(byte[] body, Action<ReadOnlyMemory<byte>>? seen, CancellationToken late)
    {
        var answer = new ChatAnswer();
        using var request = new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = JsonType;
        try
        {
            using var response = await http.SendAsync(request, late);
            if (!response.IsSuccessStatusCode)
                return new TransportAnswer { JsonUp = body.Length, Error = await response.Content.ReadAsStringAsync(late) };
            await using var stream = await response.Content.ReadAsStreamAsync(late);
            await foreach (var e in SseParser.Create(stream, (_, data) => data.ToArray()).EnumerateAsync(late))
            {
                seen?.Invoke(e.Data);
                answer.Take(e.Data);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new TransportAnswer { JsonUp = body.Length, Error = exception.Message };
        }
        return answer.ToAnswer(body.Length);
    }

    /// <summary>What the chunks say, put together.</summary>
    private sealed class ChatAnswer
    {
        private readonly long _started = TimeProvider.System.GetTimestamp();
        private readonly StringBuilder _text = new(), _arguments = new();
        private string? _id, _call, _name;
        private TimeSpan? _first;
        private TimeSpan _total;
        private long _bytes;
        private (int Input, int Cached, int Output) _tokens;
        private bool _isDone;

        public void Take(byte[] chunk)
        {
            _bytes += chunk.Length;
            if (chunk is [(byte)'[', ..])
            {
                (_isDone, _total) = (true, TimeProvider.System.GetElapsedTime(_started));
                return;
            }
            using var json = JsonDocument.Parse(chunk);
            _id ??= json.RootElement.GetProperty("id").GetString();
            foreach (var choice in json.RootElement.GetProperty("choices").EnumerateArray()) Take(choice.GetProperty("delta"));
            if (!json.RootElement.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object) return;
            _tokens = (usage.GetProperty("prompt_tokens").GetInt32(),
                usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(),
                usage.GetProperty("completion_tokens").GetInt32());
        }

        private void Take(JsonElement delta)
        {
            if (delta.TryGetProperty("content", out var content) && content.GetString() is { Length: > 0 } text)
            {
                _first ??= TimeProvider.System.GetElapsedTime(_started);
                _text.Append(text);
            }
            if (!delta.TryGetProperty("tool_calls", out var calls)) return;
            _first ??= TimeProvider.System.GetElapsedTime(_started);
            foreach (var call in calls.EnumerateArray())
            {
                if (call.TryGetProperty("id", out var id)) _call = id.GetString();
                var function = call.GetProperty("function");
                if (function.TryGetProperty("name", out var name)) _name = name.GetString();
                if (function.TryGetProperty("arguments", out var arguments)) _arguments.Append(arguments.GetString());
            }
        }

        public TransportAnswer ToAnswer(long sent) => new()
        {
            ResponseId = _id,
            Calls = _call is null ? [] : [_call],
            Output = [_call is null ? AgentWords.Message("assistant", _text.ToString())
                : AgentWords.Call(_call, _name!, _arguments.ToString())],
            JsonUp = sent,
            JsonDown = _bytes,
            InputTokens = _tokens.Input,
            CachedTokens = _tokens.Cached,
            OutputTokens = _tokens.Output,
            FirstOutput = _first,
            Total = _total,
            Error = _isDone ? null : "the stream ended before the answer did",
        };
    }
}
