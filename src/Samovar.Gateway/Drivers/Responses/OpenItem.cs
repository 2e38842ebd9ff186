using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// The upstream's item that is running, reported as the core's events; what its end has and its deltas had not is reported from the end.
/// </summary>
internal sealed class OpenItem
{
    private readonly UpstreamCall _call;
    private readonly string _type;
    private readonly BegunItem _begun;
    private readonly ToolName? _restored;
    private readonly CallArguments? _arguments; // of a function call
    private readonly StringBuilder? _inside; // the arguments that a custom tool's input is inside
    private readonly SentParts? _parts; // of all others
    private SentText _text; // as the upstream wrote it
    private SentText _sent; // of a call's arguments, as the client got them
    private SentText _summary;
    private int _summaryParts;
    private int? _summaryIndex; // of the part that is open, as the upstream counts

    public OpenItem(in ObjectFields item, BegunItem begun, UpstreamCall call)
    {
        (_call, _type, _begun) = (call, ItemClue.KindOf(item), begun);
        if (_type != "function_call")
        {
            _parts = new SentParts();
            return;
        }
        _arguments = new CallArguments();
        if (!call.Tools.IsFlat) return;
        var original = call.Tools.Original(begun.Name ?? "");
        if (original is not { Namespace: null, IsCustom: false }) _restored = original;
        if (original.IsCustom) _inside = new StringBuilder();
    }

    /// <summary>Whether it has said nothing yet.</summary>
    public bool IsEmpty => _text.Length == 0 && _summary.Length == 0;

    /// <summary>Whether it is a call that ended before its arguments did.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the core knows the kind's beginning and deltas; others are carried as the upstream sends them.</summary>
    public static bool IsKnownKind(string type) => type is "message" or "reasoning" or "function_call" or "custom_tool_call";

    public void Begin(in ObjectFields item, List<BackendEvent> events)
    {
        var id = _begun.Id;
        switch (_type)
        {
            case "message": events.Add(new BackendEvent.MessageStarted(id, item.Text("phase"u8))); return;
            case "reasoning": events.Add(new BackendEvent.ReasoningStarted(id)); return;
        }
        var (name, callId, group) =
            (_restored?.Name ?? _begun.Name ?? "", _begun.CallId, _restored?.Namespace ?? item.Text("namespace"u8));
        var extra = item.Field("extra_content"u8) is { IsObject: true } said ? said.Copied() : default;
        switch (_type)
        {
            case "function_call" when _inside is null:
                events.Add(new BackendEvent.FunctionCallStarted(name, callId, group, id) { Extra = extra });
                break;
            case "function_call" or "custom_tool_call":
                events.Add(new BackendEvent.CustomCallStarted(name, callId, group, id) { Extra = extra });
                break;
            default: events.Add(new BackendEvent.CarriedStarted(id, WholeItem.Complete(item, _begun))); break;
        }
    }

    /// <summary>More of the item, as an event has it.</summary>
    public void Add(string type, in ObjectFields json, List<BackendEvent> events)
    {
        var delta = json.Field("delta"u8);
        if ((delta.AsPiece() ?? (delta.IsObject ? delta.ToString() : null)) is not { Length: > 0 } text) return;
        if (type != "response.reasoning_summary_text.delta")
        {
            Add(type, text, json.Number("content_index"u8), json.Field("logprobs"u8), events);
            return;
        }
        var place = json.Number("summary_index"u8) ?? 0;
        _parts?.Add(PartText.Summary, place, text);
        Summary(text, place, events);
    }

    /// <summary>Whether an event that has a whole text may have what is missing so far.</summary>
    public bool TakesWhole => _arguments is not { IsWhole: true } || IsEmpty;

    /// <summary>A text to its end, of which nothing was sent, or not all.</summary>
    public void AddWhole(in ObjectFields json, List<BackendEvent> events)
    {
        if (!TakesWhole || !IsKnownKind(_type)) return;
        if (_parts is null)
        {
            var texts = ItemTexts.OfCall(json);
            foreach (var text in Missing(_text, texts, ItemTexts.Joined(texts))) Text(text, events);
            return;
        }
        var inside = json.Field("part"u8);
        var part = inside.IsSet() ? new ObjectFields(inside) : json;
        var whole = part.Piece("text"u8) ?? part.Piece("input"u8);
        if (_type == "reasoning" && (json.Field("summary_index"u8).IsSet() || part.Text("type"u8) == "summary_text"))
        {
            var index = json.Number("summary_index"u8);
            if (_parts.End(PartText.Summary, index, whole ?? "") is { Length: > 0 } rest) Summary(rest, index, events);
            return;
        }
        var refusal = whole is { Length: > 0 } ? null : part.Piece("refusal"u8);
        var more = _parts.End(refusal is null ? PartText.Plain : PartText.Refusal, json.Number("content_index"u8), refusal ?? whole ?? "");
        if (more.Length > 0) Text(new ItemText(more, IsRefusal: refusal is not null), events);
    }

    /// <summary>More of the item's text, of its refusal or of a call's arguments.</summary>
    /// <param name="part">The place of its part; null where the upstream did not say.</param>
    public void Add(string type, string text, int? part, RawJson logprobs, List<BackendEvent> events)
    {
        var isRefusal = type == "response.refusal.delta";
        _parts?.Add(isRefusal ? PartText.Refusal : PartText.Plain, part, text);
        Text(new ItemText(text, isRefusal, logprobs.Copied()), events);
    }

    /// <summary>Ends the item with its final form.</summary>
    /// <param name="isCut">Whether the response ended before the item did.</param>
    public void End(in ObjectFields item, bool isCut, List<BackendEvent> events)
    {
        if (!IsKnownKind(_type))
        {
            events.Add(new BackendEvent.ItemDone(WholeItem.Complete(item, _begun, isCut)));
            return;
        }
        if (AsStreamed(item, isCut) is { } same)
        {
            events.Add(same);
            return;
        }
        var texts = Texts(item);
        var whole = ItemTexts.Joined(texts);
        var isUsable = _restored is null && !Contradicts(whole) && WholeItem.IsUsable(item, texts.Count > 0, hasStreamed: !IsEmpty);
        if (!_text.Is(whole)) foreach (var text in Missing(_text, texts, whole)) Text(text, events);
        var newPart = int.MinValue; // a place that no upstream gives
        foreach (var text in _type == "reasoning" ? MissingSummary(item) : [])
            Summary(text.Text, text.IsContinued ? _summaryIndex : newPart++, events);
        var isWhole = EndArguments(isCut, events) && isUsable && (_arguments is null || _sent.Is(item.Piece("arguments"u8)));
        events.Add(new BackendEvent.ItemDone(isWhole ? WholeItem.Complete(item, _begun, isCut) : default) { Status = Status(isCut) });
    }

    /// <summary>
    /// A message whose final form has the one text that was streamed, as most do: it is read once, as the chain keeps it. Null for others.
    /// </summary>
    private BackendEvent.ItemDone? AsStreamed(in ObjectFields item, bool isCut)
    {
        if (_type != "message" || _text.Length == 0 || !WholeItem.IsUsable(item, hasTexts: true, hasStreamed: true)) return null;
        var whole = WholeItem.Complete(item, _begun, isCut);
        return ItemReader.ReadOrKeep(whole, ProtocolLimits.Peer) is MessageItem { Content: [ContentPart.Text only] } read
            && _text.Is(only.Value) ? new BackendEvent.ItemDone(whole) { Item = read, Status = Status(isCut) } : null;
    }

    /// <summary>Whether a final form says something else than what was streamed, which cannot be taken back.</summary>
    public bool Contradicts(in ObjectFields item) => Contradicts(ItemTexts.Joined(Texts(item)));

    private bool Contradicts(string whole) => _type is "message" or "function_call" or "custom_tool_call"
        && whole.Length > 0 && !_text.IsStartOf(whole);

    /// <summary>Ends the item as it was streamed.</summary>
    public void EndAsStreamed(bool isCut, List<BackendEvent> events)
    {
        EndArguments(isCut, events);
        events.Add(new BackendEvent.ItemDone { Status = Status(isCut) });
    }

    /// <summary>Sends those of a call's arguments that wait for their end; false for a call that is not whole.</summary>
    private bool EndArguments(bool isCut, List<BackendEvent> events)
    {
        if (_arguments is null) return true;
        var last = _arguments.End(isCut);
        if (_inside is not null) last = CustomInput.Of(_inside.ToString(), _arguments.IsWhole);
        _sent.Add(last);
        if (last.Length > 0) events.Add(new BackendEvent.Delta(last));
        IsBroken = !_arguments.IsWhole;
        return _arguments.IsWhole;
    }

    private ItemStatus Status(bool isCut) => _arguments is { IsWhole: false } || (_arguments is null && isCut)
        ? ItemStatus.Incomplete : ItemStatus.Completed;

    private List<ItemText> Texts(in ObjectFields item) => _type switch
    {
        "function_call" => ItemTexts.OfCall(item),
        "custom_tool_call" => ItemTexts.OfCustomCall(item),
        "message" => ItemTexts.OfMessage(item),
        _ => ItemTexts.OfReasoning(item),
    };

    /// <summary>What of the whole was not sent; nothing where it begins differently, because what was sent cannot be taken back.</summary>
    private static IEnumerable<ItemText> Missing(SentText sent, List<ItemText> texts, string whole)
    {
        if (!sent.IsStartOf(whole)) yield break;
        var passed = sent.Length;
        foreach (var text in texts)
        {
            var known = Math.Min(passed, text.Text.Length);
            passed -= known;
            if (known == 0) yield return text with { Logprobs = text.Logprobs.Copied() };
            else if (known < text.Text.Length) yield return text with { Text = text.Text[known..], Logprobs = default, IsContinued = true };
        }
    }

    private IEnumerable<ItemText> MissingSummary(in ObjectFields item)
    {
        var texts = ItemTexts.OfSummary(item);
        return Missing(_summary, texts, ItemTexts.Joined(texts));
    }

    private void Text(ItemText text, List<BackendEvent> events)
    {
        if (text.Text.Length > 0) _call.Progressed(); // of arguments that are mended nothing may be told yet
        _text.Add(text.Text);
        _summaryIndex = null;
        var more = _arguments?.Add(text.Text) ?? text.Text;
        if (_inside is not null)
        {
            _call.Gather(sizeof(char) * (long)text.Text.Length);
            _inside.Append(text.Text);
            return;
        }
        if (_arguments is not null) _sent.Add(more);
        if (more.Length == 0) return;
        events.Add(text.IsRefusal ? new BackendEvent.RefusalDelta(more) : new BackendEvent.Delta(more, text.Logprobs));
    }

    /// <summary>Parts are counted here: upstreams count from 1, begin again at 0, or count what is not a summary.</summary>
    private void Summary(string text, int? index, List<BackendEvent> events)
    {
        if (_summaryIndex is null || _summaryIndex != index) _summaryParts++;
        _summaryIndex = index;
        _summary.Add(text);
        events.Add(new BackendEvent.SummaryDelta(text, _summaryParts - 1));
    }
}
