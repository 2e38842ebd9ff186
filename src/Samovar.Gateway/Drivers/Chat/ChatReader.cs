using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Reads the chunks of a chat completion into the core's events: reasoning, text and calls one after another.</summary>
internal sealed class ChatReader(UpstreamCall call)
{
    private enum Open { Nothing, Reasoning, Message, Call }

    private Open _open;
    private int _callIndex = -1;
    private CallTelling? _call;
    private string? _finishReason;
    private bool _isAccepted;

    public Usage Usage { get; private set; } = Usage.Zero;
    public bool IsFinished => _finishReason is not null;

    /// <summary>Engines name the text that ended the answer; providers do not.</summary>
    public string? StopSequence { get; private set; }

    public string? IncompleteReason => _finishReason switch
    {
        "length" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

    /// <exception cref="UpstreamException">The upstream reports a failure, or what it says makes no sense.</exception>
    public void Read(RawJson chunk, List<BackendEvent> events)
    {
        if (chunk.Field("error"u8)
            .IsSet())
            throw new UpstreamException(FaultReader.Read(chunk, chunk.Field("error"u8).Number("code"u8) ?? 0, call.Time.GetUtcNow()));
        Accept(chunk, events);
        ReadUsage(chunk);
        if (chunk.Field("choices"u8).Elements() is not [var choice, ..]) return;
        var delta = choice.Field("delta"u8);
        var reasoning = delta.Text("reasoning_content"u8) ?? delta.Text("reasoning"u8);
        if (reasoning is { Length: > 0 }) Tell(Open.Reasoning, new BackendEvent.ReasoningStarted(), new BackendEvent.Delta(reasoning),
            events);
        if (delta.Text("content"u8) is { Length: > 0 } text)
            Tell(Open.Message, new BackendEvent.MessageStarted(),
                new BackendEvent.Delta(text, choice.Field("logprobs"u8).Field("content"u8).Copied()), events);
        if (delta.Text("refusal"u8) is { Length: > 0 } refusal) Tell(Open.Message, new BackendEvent.MessageStarted(),
            new BackendEvent.RefusalDelta(refusal), events);
        foreach (var part in delta.Field("tool_calls"u8).Elements()) ReadCall(part, events);
        _finishReason = choice.Text("finish_reason"u8) ?? _finishReason;
        StopSequence = choice.Text("stop_reason"u8) ?? StopSequence;
    }

    /// <summary>The stream has ended.</summary>
    public void End(List<BackendEvent> events) => Close(events);

    private void Accept(RawJson chunk, List<BackendEvent> events)
    {
        if (_isAccepted) return;
        _isAccepted = true;
        call.Reach(CallPhase.Created);
        events.Add(new BackendEvent.Accepted(chunk.Text("model"u8) is { Length: > 0 } model ? model : call.Model));
    }

    private void Tell(Open kind, BackendEvent started, BackendEvent delta, List<BackendEvent> events)
    {
        if (_open != kind)
        {
            Close(events);
            _open = kind;
            events.Add(started);
        }
        events.Add(delta);
    }

    private void ReadCall(RawJson part, List<BackendEvent> events)
    {
        var function = part.Field("function"u8);
        var index = part.Number("index"u8) ?? (part.Text("id"u8) is null ? _callIndex : _callIndex + 1);
        if (index > _callIndex)
        {
            Close(events);
            (_open, _callIndex) = (Open.Call, index);
            _call = new CallTelling(function.Text("name"u8) ?? "", part.Text("id"u8) is { Length: > 0 } id ? id : null, call, events);
        }
        else if (_open != Open.Call || index < _callIndex)
        {
            throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream went on with a call that had ended."));
        }
        _call!.Arguments(function.Text("arguments"u8) ?? "", events);
    }

    private void Close(List<BackendEvent> events)
    {
        if (_open == Open.Call) _call!.End(events);
        else if (_open != Open.Nothing) events.Add(new BackendEvent.ItemDone());
        (_open, _call) = (Open.Nothing, null);
    }

    /// <summary>The last figures win; llama-server reports what it took from the cache beside the usage.</summary>
    private void ReadUsage(RawJson chunk)
    {
        var usage = chunk.Field("usage"u8);
        if (!usage.IsSet()) return;
        var prompt = usage.Field("prompt_tokens_details"u8);
        var cached = prompt.Number("cached_tokens"u8) ?? usage.Number("prompt_cache_hit_tokens"u8) ?? chunk.Field("timings"u8)
            .Number("cache_n"u8) ?? 0;
        Usage = new Usage(usage.Number("prompt_tokens"u8) ?? 0, cached, usage.Number("completion_tokens"u8) ?? 0,
            usage.Field("completion_tokens_details"u8).Number("reasoning_tokens"u8) ?? 0)
        {
            CacheWriteTokens = prompt.Number("cache_write_tokens"u8) ?? 0,
        };
    }
}
