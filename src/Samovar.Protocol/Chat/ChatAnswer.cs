using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>Writes a turn as chat completion chunks, or as one chat completion.</summary>
/// <remarks>
/// One choice, whose message has everything: messages of one turn are joined by an empty line, as the upstream driver for chat joins them.
/// </remarks>
internal sealed class ChatAnswer(bool includesUsage) : IAnswerTranslator
{
    private static readonly byte[] Done = [.. "data: [DONE]\n\n"u8];
    private static readonly byte[] Comment = [.. ": keep-alive\n\n"u8];

    private readonly Dictionary<int, ChatCall> _calls = []; // by the item's index
    private ChatHead _head = new("", 0, "", null);
    private string? _speaker, _refuser; // the messages that said and refused something last
    private int _said; // characters of the content
    private (string? ItemId, int Begin) _message; // what is being said, and where in the content it begins

    public ReadOnlyMemory<byte> StreamEnd => Done;
    public ReadOnlyMemory<byte> Silence => Comment;

    public void Translate(EventView e, ICollection<WireEvent> events)
    {
        switch (e.Type)
        {
            case "response.created":
                _head = ChatHead.Of(e.Response!);
                Add(events, static writer =>
                {
                    writer.WriteString("role"u8, "assistant"u8);
                    writer.WriteString("content"u8, "");
                });
                break;
            case "response.output_text.delta":
                Enter(e);
                Say(e, "content", ref _speaker, events);
                break;
            case EventNames.AnnotationAdded: Annotate(e, events); break;
            case "response.refusal.delta": Say(e, "refusal", ref _refuser, events); break;
            case "response.reasoning_text.delta" or "response.reasoning_summary_text.delta":
                Add(events, writer => writer.WriteString("reasoning_content"u8, e.Delta));
                break;
            case "response.output_item.added": Begin(e, events); break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                if (_calls.TryGetValue(e.OutputIndex ?? -1, out var call)) Add(events, writer => call.WriteMore(writer, e.Delta ?? ""));
                break;
            case "response.output_item.done" when e.Item is { } done && CallExtra.Of(done) is { IsEmpty: false } extra:
                if (_calls.TryGetValue(e.OutputIndex ?? -1, out var over)) Add(events, writer => over.WriteEnd(writer, extra));
                break;
            case "response.completed" or "response.incomplete": End(e.Response!, events); break;
            case "response.failed":
                events.Add(Refused(ChatWords.For(ChatWords.NewerLimit).ExplainKept(ResponseFailure.Of(e.Response!))));
                break;
        }
    }

    public WireEvent Refused(ApiException error) => new(null, ErrorBody.Http(error));

    public byte[] Whole(IEnumerable<EventView> events, EventView last)
    {
        var message = new ChatMessage();
        foreach (var e in events) message.Add(e);
        return JsonBuffer.Bytes((last.Response!, message), static (writer, answer) =>
        {
            writer.WriteStartObject();
            WriteWhole(writer, answer.Item1, answer.message);
            writer.WriteEndObject();
        });
    }

    /// <summary>The fields of one chat completion.</summary>
    public static void WriteWhole(Utf8JsonWriter writer, ResponseView response, ChatMessage message)
    {
        ChatHead.Of(response).Write(writer, "chat.completion"u8);
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        message.Write(writer);
        writer.WriteString("finish_reason"u8, FinishReason(response, message.HasCalls));
        WriteStop(writer, response);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (response.Usage is { } usage) ChatUsage.Write(writer, usage);
    }

    /// <summary>More text or refusal; another message than the one before in the same field begins with an empty line.</summary>
    private void Say(EventView e, string field, ref string? before, ICollection<WireEvent> events)
    {
        var text = e.Delta;
        if (text is { Length: > 0 })
        {
            if (before is not null && before != e.ItemId) text = ChatMessage.Between + text;
            before = e.ItemId;
            if (field == "content") _said += text.Length;
        }
        Add(events, writer => writer.WriteString(field, text), logprobs: e.Logprobs);
    }

    /// <summary>Notes where the message begins in the content that an event is of. It has one text: upstreams count its parts as they
    /// like, or not at all.</summary>
    private void Enter(EventView e)
    {
        if (_message.ItemId == e.ItemId) return;
        _message = (e.ItemId, _said + (_speaker is not null && _speaker != e.ItemId ? ChatMessage.Between.Length : 0));
    }

    private void Annotate(EventView e, ICollection<WireEvent> events)
    {
        Enter(e);
        if (ChatAnnotation.Of(e.Annotation, _message.Begin) is { IsEmpty: false } page)
            Add(events, writer => ChatAnnotation.Write(writer, [page]));
    }

    private void Begin(EventView e, ICollection<WireEvent> events)
    {
        if (ChatCall.Of(e.Item, _calls.Count) is not { } call) return;
        _calls[e.OutputIndex ?? -1] = call;
        Add(events, call.WriteStart);
    }

    private void End(ResponseView response, ICollection<WireEvent> events)
    {
        Add(events, static _ => { }, FinishReason(response, _calls.Count > 0), end: response);
        if (!includesUsage || response.Usage is not { } usage) return;
        events.Add(new WireEvent(null, JsonBuffer.Bytes((_head, usage), static (writer, end) =>
        {
            writer.WriteStartObject();
            end._head.Write(writer, "chat.completion.chunk"u8);
            writer.WriteStartArray("choices"u8);
            writer.WriteEndArray();
            ChatUsage.Write(writer, end.usage);
            writer.WriteEndObject();
        })));
    }

    private void Add(ICollection<WireEvent> events, Action<Utf8JsonWriter> delta, string? finishReason = null, RawJson logprobs = default,
        ResponseView? end = null) =>
        events.Add(new WireEvent(null, JsonBuffer.Bytes((this, delta, finishReason, logprobs, end), static (writer, chunk) =>
        {
            writer.WriteStartObject();
            chunk.Item1._head.Write(writer, "chat.completion.chunk"u8);
            writer.WriteStartArray("choices"u8);
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, 0);
            writer.WriteStartObject("delta"u8);
            chunk.delta(writer);
            writer.WriteEndObject();
            ChatLogprobs.Write(writer, [chunk.logprobs]);
            writer.WriteString("finish_reason"u8, chunk.finishReason);
            if (chunk.end is not null) WriteStop(writer, chunk.end);
            writer.WriteEndObject();
            writer.WriteEndArray();
            if (chunk.Item1.IncludesUsage) writer.WriteNull("usage"u8);
            writer.WriteEndObject();
        })));

    /// <summary>An addition that engines make: which text of <c>stop</c> ended the answer.</summary>
    private static void WriteStop(Utf8JsonWriter writer, ResponseView response)
    {
        if (response.StopSequence is { } stop) writer.WriteString("stop_reason"u8, stop);
    }

    private bool IncludesUsage => includesUsage;

    private static string FinishReason(ResponseView response, bool hasCalls) => response.IncompleteReason switch
    {
        "content_filter" => "content_filter",
        not null => "length",
        _ => hasCalls ? "tool_calls" : "stop",
    };
}
