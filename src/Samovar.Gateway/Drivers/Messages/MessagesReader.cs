using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Reads the events of a Messages stream into the core's events.</summary>
internal sealed class MessagesReader(UpstreamCall call, IdSource ids)
{
    private readonly StringBuilder _thought = new();
    private string? _thoughtId;
    private readonly StringBuilder _signature = new();
    private string? _redacted;
    private CallTelling? _call;
    private string? _stopReason;
    private int _input, _cached, _written, _output;

    public bool IsEnded { get; private set; }

    /// <summary>Here <c>input_tokens</c> counts only what is neither read from nor written to the cache.</summary>
    public Usage Usage => new(_input + _cached + _written, _cached, _output, 0) { CacheWriteTokens = _written };

    public string? StopSequence { get; private set; }

    public string? IncompleteReason => _stopReason switch
    {
        "max_tokens" or "model_context_window_exceeded" => "max_output_tokens",
        "refusal" => "content_filter",
        _ => null,
    };

    /// <exception cref="UpstreamException">The upstream reports a failure.</exception>
    public void Read(RawJson json, List<BackendEvent> events)
    {
        switch (json.Text("type"u8))
        {
            case "message_start":
                var message = json.Field("message"u8);
                ReadUsage(message.Field("usage"u8));
                call.Reach(CallPhase.Created);
                events.Add(new BackendEvent.Accepted(message.Text("model"u8) ?? call.Model));
                break;
            case "content_block_start": Begin(json.Field("content_block"u8), events); break;
            case "content_block_delta": More(json.Field("delta"u8), events); break;
            case "content_block_stop": Stop(events); break;
            case "message_delta":
                ReadUsage(json.Field("usage"u8));
                _stopReason = json.Field("delta"u8).Text("stop_reason"u8) ?? _stopReason;
                StopSequence = json.Field("delta"u8).Text("stop_sequence"u8) ?? StopSequence;
                break;
            case "message_stop": IsEnded = true; break;
            case "error": throw new UpstreamException(FaultReader.ReadEvent(json, call.Time.GetUtcNow()));
        }
    }

    private void Begin(RawJson block, List<BackendEvent> events)
    {
        switch (block.Text("type"u8))
        {
            case "text":
                events.Add(new BackendEvent.MessageStarted());
                if (block.Text("text"u8) is { Length: > 0 } text) events.Add(new BackendEvent.Delta(text));
                break;
            case "thinking" or "redacted_thinking":
                _thoughtId = ItemId.New("rs_", ids).Value;
                _redacted = block.Text("data"u8);
                _signature.Clear();
                _thought.Clear();
                events.Add(new BackendEvent.ReasoningStarted(_thoughtId));
                break;
            case "tool_use":
                _call = new CallTelling(block.Text("name"u8) ?? "", block.Text("id"u8), call, events);
                break;
            case var other:
                throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, $"The upstream sent content of type '{other}'."));
        }
    }

    private void More(RawJson delta, List<BackendEvent> events)
    {
        switch (delta.Text("type"u8))
        {
            case "text_delta" when delta.Text("text"u8) is { Length: > 0 } text: events.Add(new BackendEvent.Delta(text)); break;
            case "input_json_delta": _call?.Arguments(delta.Text("partial_json"u8) ?? "", events); break;
            case "signature_delta": Sign(delta.Text("signature"u8) ?? ""); break;
            case "thinking_delta" when delta.Text("thinking"u8) is { Length: > 0 } thought:
                call.Gather(sizeof(char) * (long)thought.Length);
                _thought.Append(thought);
                events.Add(new BackendEvent.Delta(thought));
                break;
        }
    }

    private void Sign(string more)
    {
        call.Gather(sizeof(char) * (long)more.Length);
        _signature.Append(more);
    }

    private void Stop(List<BackendEvent> events)
    {
        if (_call is not null) _call.End(events);
        else events.Add(new BackendEvent.ItemDone(_thoughtId is null ? default
            : SealedThought.Item(_thoughtId, _thought.ToString(), _signature.Length == 0 ? null : _signature.ToString(), _redacted)));
        (_call, _thoughtId) = (null, null);
    }

    /// <summary>Figures are cumulative; a later event may leave some out.</summary>
    private void ReadUsage(RawJson usage)
    {
        _input = usage.Number("input_tokens"u8) ?? _input;
        _cached = usage.Number("cache_read_input_tokens"u8) ?? _cached;
        _written = usage.Number("cache_creation_input_tokens"u8) ?? _written;
        _output = usage.Number("output_tokens"u8) ?? _output;
    }
}
