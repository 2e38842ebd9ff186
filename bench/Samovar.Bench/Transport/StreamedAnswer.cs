using System.Text;
using System.Text.Json;

namespace Samovar.Bench.Transport;

/// <summary>An answer of a protocol without state, put together from its events.</summary>
internal abstract class StreamedAnswer
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly StringBuilder _text = new(), _arguments = new();
    private TimeSpan? _first;
    private TimeSpan _total;
    private string? _error;
    private long _bytes;
    private bool _isDone;

    protected string? Id { get; set; }
    protected string? Call { get; set; }
    protected string? Name { get; set; }
    protected (int Input, int Cached, int Output) Tokens { get; set; }

    /// <summary>Takes an event; one that says what went wrong has nothing else in it.</summary>
    public void Take(byte[] data)
    {
        _bytes += data.Length;
        if (data is not [(byte)'{', ..])
        {
            End(); // Chat Completions' last line
            return;
        }
        using var json = JsonDocument.Parse(data);
        var e = json.RootElement;
        if (e.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object) _error ??= error.GetRawText();
        else Take(e);
    }

    public TransportAnswer ToAnswer(long sent) => new()
    {
        ResponseId = Id,
        Calls = Call is null ? [] : [Call],
        Output = [Call is null ? AgentWords.Message("assistant", _text.ToString()) : CallOf(Call, Name!, _arguments.ToString())],
        JsonUp = sent,
        JsonDown = _bytes,
        InputTokens = Tokens.Input,
        CachedTokens = Tokens.Cached,
        OutputTokens = Tokens.Output,
        FirstOutput = _first,
        Total = _total,
        Error = _error ?? (_isDone ? null : "the stream ended before the answer did"),
    };

    protected abstract void Take(JsonElement e);

    /// <summary>The call as a client sends it back.</summary>
    protected abstract string CallOf(string call, string name, string arguments);

    protected void Said(string? text)
    {
        if (text is not { Length: > 0 }) return;
        Began();
        _text.Append(text);
    }

    protected void Argued(string? arguments)
    {
        Began();
        _arguments.Append(arguments);
    }

    protected void Began() => _first ??= TimeProvider.System.GetElapsedTime(_started);

    protected void End() => (_isDone, _total) = (true, TimeProvider.System.GetElapsedTime(_started));
}

/// <summary>Chunks of Chat Completions.</summary>
internal sealed class ChatAnswer : StreamedAnswer
{
    protected override void Take(JsonElement e)
    {
        Id ??= e.GetProperty("id").GetString();
        foreach (var choice in e.GetProperty("choices").EnumerateArray()) TakeDelta(choice.GetProperty("delta"));
        if (!e.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object) return;
        Tokens = (usage.GetProperty("prompt_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(),
            usage.GetProperty("completion_tokens").GetInt32());
    }

    private void TakeDelta(JsonElement delta)
    {
        if (delta.TryGetProperty("content", out var content)) Said(content.GetString());
        if (!delta.TryGetProperty("tool_calls", out var calls)) return;
        Began();
        foreach (var call in calls.EnumerateArray())
        {
            if (call.TryGetProperty("id", out var id)) Call = id.GetString();
            var function = call.GetProperty("function");
            if (function.TryGetProperty("name", out var name)) Name = name.GetString();
            if (function.TryGetProperty("arguments", out var arguments)) Argued(arguments.GetString());
        }
    }

    protected override string CallOf(string call, string name, string arguments) => AgentWords.Call(call, name, arguments);
}

/// <summary>Events of Messages.</summary>
internal sealed class MessagesAnswer : StreamedAnswer
{
    protected override void Take(JsonElement e)
    {
        switch (e.GetProperty("type").GetString())
        {
            case "message_start":
                var message = e.GetProperty("message");
                Id = message.GetProperty("id").GetString();
                TakeUsage(message.GetProperty("usage"));
                break;
            case "content_block_start" when e.GetProperty("content_block") is var block
                && block.GetProperty("type").ValueEquals("tool_use"u8):
                (Call, Name) = (block.GetProperty("id").GetString(), block.GetProperty("name").GetString());
                Began();
                break;
            case "content_block_delta" when e.GetProperty("delta") is var delta:
                if (delta.TryGetProperty("text", out var text)) Said(text.GetString());
                if (delta.TryGetProperty("partial_json", out var input)) Argued(input.GetString());
                break;
            case "message_delta": TakeUsage(e.GetProperty("usage")); break;
            case "message_stop": End(); break;
        }
    }

    /// <summary>What was read from a cache and what was written to one are no part of the input there.</summary>
    private void TakeUsage(JsonElement usage)
    {
        int Of(string name) => usage.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number ? count.GetInt32() : 0;
        var cached = Of("cache_read_input_tokens");
        var input = Of("input_tokens") + cached + Of("cache_creation_input_tokens");
        Tokens = input > 0 ? (input, cached, Of("output_tokens")) : Tokens with { Output = Of("output_tokens") };
    }

    protected override string CallOf(string call, string name, string arguments) =>
        AgentWords.ToolUse(call, name, arguments.Length > 0 ? arguments : "{}");
}
