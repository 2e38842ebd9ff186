using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Reads the events of a Responses upstream, one JSON object each, into the core's events.</summary>
/// <remarks>
/// The core has one open item at a time; events of another item wait until the open one is done. What a sparse upstream leaves out
/// (created, added, deltas, done) is filled in from what it does send, at the latest from the terminal event.
/// </remarks>
internal sealed class ResponsesReader(UpstreamCall call, UpstreamOptions options, IdSource ids)
{
    private readonly HashSet<int> _done = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private List<RawJson> _held = [];
    private long _heldBytes;
    private OpenItem? _open;
    private bool _isAccepted;

    /// <summary>The upstream's id of the response.</summary>
    public string? ResponseId { get; private set; }
    public Usage Usage { get; private set; } = Usage.Zero;
    public string? IncompleteReason { get; private set; }
    public bool IsEnded { get; private set; }

    /// <exception cref="UpstreamException">The upstream reports a failure, or what it says makes no sense.</exception>
    public void Read(RawJson json, List<BackendEvent> events)
    {
        var type = json.Text("type"u8);
        switch (type)
        {
            case "response.created" or "response.queued" or "response.in_progress":
                Accept(json.Field("response"u8), events);
                break;
            case "response.completed" or "response.done" or "response.incomplete":
                End(json.Field("response"u8), events);
                break;
            case "response.failed":
                throw new UpstreamException(FaultReader.ReadFailed(json.Field("response"u8), call.Time.GetUtcNow()));
            case "error":
            case null when json.Field("error"u8).IsSet():
                throw new UpstreamException(FaultReader.ReadEvent(json, call.Time.GetUtcNow()));
            case not null: ReadOfItem(type, json, events); break;
        }
    }

    private void ReadOfItem(string type, RawJson json, List<BackendEvent> events)
    {
        if (IndexOf(type, json) is not { } index)
        {
            call.Drop(EventDrop.NoItem);
        }
        else if (_done.Contains(index))
        {
            call.Drop(EventDrop.Ended);
        }
        else
        {
            Accept(default, events);
            ReadItemEvent(type, index, json, events);
        }
    }

    /// <summary>Which item an event belongs to: it says the item's place, or its name.</summary>
    private int? IndexOf(string type, RawJson json)
    {
        var index = json.Number("output_index"u8);
        if (type == "response.output_item.added" && index is { } added && json.Field("item"u8).Text("id"u8) is { } id)
            _indexes[id] = added;
        return index ?? (json.Text("item_id"u8) is { } name && _indexes.TryGetValue(name, out var known) ? known : null);
    }

    private void ReadItemEvent(string type, int index, RawJson json, List<BackendEvent> events)
    {
        if (_open is not null && _open.Index != index)
        {
            _heldBytes += json.Utf8.Length;
            if (_held.Count >= options.HeldEventsMax || _heldBytes > options.EventBytesMax)
                throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream runs too many items at once."));
            call.Gather(json.Utf8.Length);
            _held.Add(json.Copied());
            return;
        }
        switch (type)
        {
            case "response.output_item.added": Open(index, json.Field("item"u8), events); break;
            case "response.output_item.done": Close(index, json.Field("item"u8), events); break;
            default: ReadProgress(type, index, json, events); break;
        }
    }

    private void ReadProgress(string type, int index, RawJson json, List<BackendEvent> events)
    {
        switch (ItemEventTable.For(type, _open?.IsTold ?? true))
        {
            case ItemEventUse.Delta: ReadDelta(type, index, json, events); break;
            case ItemEventUse.Carry when _open is not null: events.Add(new BackendEvent.CarriedEvent(type, json.Copied())); break;
            case ItemEventUse.Carry: call.Drop(EventDrop.NotBegun); break;
        }
    }

    private void ReadDelta(string type, int index, RawJson json, List<BackendEvent> events)
    {
        if (json.Text("delta"u8) is not { Length: > 0 } text) return;
        if (_open is null && KindOf(type) is { } kind) Open(index, Placeholder(kind, json), events);
        switch (type)
        {
            case "response.refusal.delta": _open?.Refusal(text, events); break;
            case "response.reasoning_summary_text.delta": _open?.Summary(text, json.Number("summary_index"u8) ?? 0, events); break;
            case "response.output_text.delta": _open?.Delta(text, json.Field("logprobs"u8).Copied(), events); break;
            default: _open?.Delta(text, default, events); break;
        }
    }

    private void Open(int index, RawJson item, List<BackendEvent> events)
    {
        if (_open is not null) return; // told twice
        _open = new OpenItem(index, item, call, ids);
        _open.Begin(item, events);
    }

    private void Close(int index, RawJson item, List<BackendEvent> events)
    {
        Open(index, item, events);
        _open!.End(item, events);
        _open = null;
        _done.Add(index);
        var held = _held;
        (_held, _heldBytes) = ([], 0);
        foreach (var json in held) Read(json, events);
    }

    private void Accept(RawJson response, List<BackendEvent> events)
    {
        if (response.Text("id"u8) is { Length: > 0 } id) ResponseId = id;
        if (_isAccepted) return;
        _isAccepted = true;
        call.Reach(CallPhase.Created);
        events.Add(new BackendEvent.Accepted(response.Text("model"u8) ?? call.Model));
    }

    private void End(RawJson response, List<BackendEvent> events)
    {
        Accept(response, events);
        var index = 0;
        foreach (var item in response.Field("output"u8).Elements())
        {
            if (!_done.Contains(index) && (_open is null || _open.Index == index)) Close(index, item, events);
            index++;
        }
        if (_open is not null) throw new UpstreamException(new UpstreamFault(FaultKind.Malformed, "The upstream left an item unfinished."));
        Usage = UsageOf(response.Field("usage"u8));
        if (response.Text("status"u8) == "incomplete") IncompleteReason = response.Field("incomplete_details"u8).Text("reason"u8)
            ?? "max_output_tokens";
        IsEnded = true;
    }

    public static Usage UsageOf(RawJson usage)
    {
        if (!usage.IsSet()) return Usage.Zero;
        var (input, output) = (usage.Field("input_tokens_details"u8), usage.Field("output_tokens_details"u8));
        return new Usage(usage.Number("input_tokens"u8) ?? 0, input.Number("cached_tokens"u8) ?? 0, usage.Number("output_tokens"u8) ?? 0,
            output.Number("reasoning_tokens"u8) ?? 0)
        {
            CacheWriteTokens = input.Number("cache_write_tokens"u8) ?? 0,
        };
    }

    /// <summary>The kind of item that a delta belongs to; a call's name is in none of its deltas, so a call waits for its end.</summary>
    private static string? KindOf(string delta) => delta switch
    {
        "response.output_text.delta" or "response.refusal.delta" => "message",
        "response.reasoning_text.delta" or "response.reasoning.delta" or "response.reasoning_summary_text.delta" => "reasoning",
        _ => null,
    };

    private static RawJson Placeholder(string kind, RawJson delta) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, kind);
        if (delta.Text("item_id"u8) is { } id) writer.WriteString("id"u8, id);
        writer.WriteEndObject();
    });
}
