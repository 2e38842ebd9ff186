using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>Writes a turn as the events of a Messages stream, or as one message.</summary>
/// <remarks>
/// Blocks follow one another, each with its own start, deltas and stop: a part of a message is a text block, a reasoning item a thought, a
/// call a tool_use. What the prompt cost is known when the turn ends, so <c>message_delta</c> has the whole usage.
/// </remarks>
/// <param name="hidesThoughts">Whether thoughts come without their text, as <c>thinking.display</c> may ask.</param>
/// <param name="diagnoses">Whether it says why the cache was missed.</param>
internal sealed class MessagesAnswer(bool hidesThoughts = false, bool diagnoses = false) : IAnswerTranslator
{
    private static readonly byte[] Ping = [.. "event: ping\ndata: {\"type\":\"ping\"}\n\n"u8];

    private enum Open { Nothing, Text, ThoughtToCome, Thought, Call, Carried }

    private int _blocks;
    private Open _open;
    private CutObject _input = new(ToolInput.DepthMax);
    private CallsMade _calls;
    private readonly HashSet<string> _toRun = new(StringComparer.Ordinal); // calls that nobody has run yet
    private bool _hasRefusal;
    private bool _isCompaction;

    public ReadOnlyMemory<byte> StreamEnd => default;
    public ReadOnlyMemory<byte> Silence => Ping;

    public void Translate(EventView e, ICollection<WireEvent> events)
    {
        switch (e.Type)
        {
            case "response.created": Add(events, "message_start", writer => MessageJson.WriteStart(writer, e.Response!, diagnoses)); break;
            case "response.output_item.added": Begin(e.Item, events); break;
            case "response.content_part.added": BeginPart(e, events); break;
            case "response.output_text.delta" or "response.refusal.delta": More(events, "text_delta", "text", e.Delta); break;
            case "response.reasoning_text.delta" or "response.reasoning_summary_text.delta": Think(e.Delta, events); break;
            case "response.function_call_arguments.delta": MoreInput(events, _input.Add(e.Delta ?? "")); break;
            case EventNames.AnnotationAdded when _open == Open.Text: Cite(Citation.Of(e.Annotation), events); break;
            case "response.content_part.done" when _open == Open.Text: Close(events); break;
            case "response.output_item.done": End(e.Item, events); break;
            case "response.completed" or "response.incomplete": Finish(e.Response!, events); break;
            case "response.failed":
                events.Add(Refused(MessagesWords.All.ExplainKept(ResponseFailure.Of(e.Response!))));
                break;
        }
    }

    public WireEvent Refused(ApiException error) => new("error", MessagesErrorBody.Bytes(error, requestId: null));

    public byte[] Whole(IEnumerable<EventView> events, EventView last) => MessageJson.Whole(last.Response!, hidesThoughts, diagnoses);

    /// <summary>A message's blocks are its parts; other items are one block each.</summary>
    private void Begin(Item? item, ICollection<WireEvent> events)
    {
        if (item is ReasoningItem) _open = Open.ThoughtToCome; // only its end says whether it may be shown
        if (item is not null && CarriedBlock.Of(item) is { IsEmpty: false } block)
        {
            if (CarriedResult.CallOf(item) is { } ran && _toRun.Remove(ran) && _toRun.Count == 0 && _calls == CallsMade.Whole)
                _calls = CallsMade.None;
            Start(Open.Carried, events, block.WriteTo);
            Close(events);
        }
        if (item is not FunctionCallItem call) return;
        if (_calls == CallsMade.None) _calls = CallsMade.Whole;
        _toRun.Add(call.CallId);
        _input = new CutObject(ToolInput.DepthMax);
        Start(Open.Call, events, writer =>
            MessageJson.WriteToolUse(writer, call.CallId, call.Name, RawJson.EmptyObject, CallExtra.Of(call)));
    }

    private void BeginPart(EventView e, ICollection<WireEvent> events)
    {
        if (_open != Open.Nothing) return; // a part of a thought
        _hasRefusal |= MessageJson.IsRefusal(e.Part);
        Start(Open.Text, events, static writer => MessageJson.WriteText(writer, ""));
    }

    private void Think(string? text, ICollection<WireEvent> events)
    {
        if (_open == Open.ThoughtToCome) Start(Open.Thought, events, static writer => MessageJson.WriteThought(writer, "", ""));
        if (!hidesThoughts) More(events, "thinking_delta", "thinking", text);
    }

    private void End(Item? item, ICollection<WireEvent> events)
    {
        if (item is ReasoningItem thought && (_open is Open.Thought or Open.ThoughtToCome)) EndThought(thought, events);
        else if (_open == Open.Call) EndCall(events);
        else if (item is CompactionItem compaction) Compact(compaction, events);
        _open = Open.Nothing;
    }

    /// <summary>The pieces make up an object, also where the call was cut off.</summary>
    private void EndCall(ICollection<WireEvent> events)
    {
        if (_input.IsBroken) _calls = CallsMade.Broken;
        MoreInput(events, _input.End());
        Close(events);
    }

    private void MoreInput(ICollection<WireEvent> events, string json)
    {
        if (json.Length > 0) More(events, "input_json_delta", "partial_json", json);
    }

    private void Compact(CompactionItem item, ICollection<WireEvent> events)
    {
        _isCompaction = _blocks == 0;
        Start(Open.Carried, events, writer => CompactionBlock.WriteStart(writer, item));
        Add(events, "content_block_delta", writer =>
        {
            writer.WriteNumber("index"u8, _blocks);
            writer.WritePropertyName("delta"u8);
            CompactionBlock.WriteDelta(writer, item);
        });
        Close(events);
    }

    private void EndThought(ReasoningItem thought, ICollection<WireEvent> events)
    {
        if (_open == Open.ThoughtToCome)
        {
            if (thought.EncryptedContent is null) return; // nothing was thought
            if (ThoughtSeal.RedactedData(thought.EncryptedContent) is { } data)
            {
                Start(Open.Thought, events, writer => MessageJson.WriteRedacted(writer, data));
                Close(events);
                return;
            }
            Start(Open.Thought, events, static writer => MessageJson.WriteThought(writer, "", ""));
        }
        More(events, "signature_delta", "signature", ThoughtSeal.SignatureOf(thought.EncryptedContent));
        Close(events);
    }

    private void Start(Open kind, ICollection<WireEvent> events, Action<Utf8JsonWriter> block)
    {
        _open = kind;
        Add(events, "content_block_start", writer =>
        {
            writer.WriteNumber("index"u8, _blocks);
            writer.WritePropertyName("content_block"u8);
            block(writer);
        });
    }

    /// <summary>Other annotations have no place here.</summary>
    private void Cite(RawJson citation, ICollection<WireEvent> events)
    {
        if (citation.IsEmpty) return;
        Add(events, "content_block_delta", writer =>
        {
            writer.WriteNumber("index"u8, _blocks);
            writer.WriteStartObject("delta"u8);
            writer.WriteString("type"u8, "citations_delta"u8);
            writer.WritePropertyName("citation"u8);
            citation.WriteTo(writer);
            writer.WriteEndObject();
        });
    }

    private void More(ICollection<WireEvent> events, string kind, string field, string? text)
    {
        if (_open == Open.Nothing) return;
        Add(events, "content_block_delta", writer =>
        {
            writer.WriteNumber("index"u8, _blocks);
            writer.WriteStartObject("delta"u8);
            writer.WriteString("type"u8, kind);
            writer.WriteString(field, text ?? "");
            writer.WriteEndObject();
        });
    }

    private void Close(ICollection<WireEvent> events)
    {
        _open = Open.Nothing;
        Add(events, "content_block_stop", writer => writer.WriteNumber("index"u8, _blocks));
        _blocks++;
    }

    private void Finish(ResponseView response, ICollection<WireEvent> events)
    {
        Add(events, "message_delta", writer => MessageJson.WriteEnd(writer, response, _calls, _hasRefusal, _isCompaction));
        Add(events, "message_stop", static _ => { });
    }

    private static void Add(ICollection<WireEvent> events, string name, Action<Utf8JsonWriter> fields) =>
        events.Add(new WireEvent(name, JsonBuffer.Bytes((name, fields), static (writer, e) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, e.name);
            e.fields(writer);
            writer.WriteEndObject();
        })));
}
