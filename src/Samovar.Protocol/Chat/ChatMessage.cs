using System.Text;
using System.Text.Json;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Chat;

/// <summary>The one message of a chat completion, gathered from a turn's items.</summary>
internal sealed class ChatMessage
{
    /// <summary>What is between two messages of one turn.</summary>
    public const string Between = "\n\n";

    private readonly List<ChatCall> _calls = [];
    private readonly List<RawJson> _logprobs = [];
    private readonly List<RawJson> _annotations = [];
    private StringBuilder? _text;
    private StringBuilder? _refusal;
    private StringBuilder? _reasoning;

    public bool HasCalls => _calls.Count > 0;

    public void Add(EventView e)
    {
        if (e.Type == "response.output_text.done") _logprobs.Add(e.Logprobs);
        if (e.Type == "response.output_item.done") Add(e.Item);
    }

    private void Add(Item? item)
    {
        switch (item)
        {
            case MessageItem message: Say(message); break;
            case ReasoningItem thought:
                foreach (var text in thought.Summary.Concat(thought.Content)) (_reasoning ??= new()).Append(text); // as it streams
                break;
            default:
                if (ChatCall.Of(item, _calls.Count) is { } call) _calls.Add(call);
                break;
        }
    }

    /// <summary>The message that a stored response makes.</summary>
    public static ChatMessage Of(IReadOnlyList<Item> output)
    {
        var message = new ChatMessage();
        foreach (var item in output)
        {
            message.Add(item);
            if (item is MessageItem)
                foreach (var part in item.Json.OwnField("content"u8).Elements()) message._logprobs.Add(part.OwnField("logprobs"u8));
        }
        return message;
    }

    /// <summary>The fields <c>message</c> and <c>logprobs</c> of the choice.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("content"u8, _text?.ToString() ?? (_calls.Count == 0 && _refusal is null ? "" : null)); // as it streams
        writer.WriteString("refusal"u8, _refusal?.ToString());
        if (_annotations.Count > 0) ChatAnnotation.Write(writer, _annotations);
        if (_reasoning is not null) writer.WriteString("reasoning_content"u8, _reasoning.ToString());
        if (_calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in _calls) call.Write(writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        ChatLogprobs.Write(writer, _logprobs);
    }

    private void Say(MessageItem message)
    {
        Annotate(message);
        Append(message.Content.OfType<ContentPart.Text>().Select(static part => part.Value), ref _text);
        Append(message.Content.OfType<ContentPart.Refusal>().Select(static part => part.Value), ref _refusal);
    }

    /// <summary>What a message's text rests on, by its places in the whole text.</summary>
    private void Annotate(MessageItem message)
    {
        if (message.Json.Utf8.Span.IndexOf("\"url_citation\""u8) < 0) return; // mostly
        var (at, isBehind) = (_text?.Length ?? 0, _text is { Length: > 0 });
        foreach (var (part, json) in message.Content.Zip(message.Json.OwnField("content"u8).ElementsOrSelf()))
        {
            if (part is not ContentPart.Text { Value: var text }) continue;
            if (isBehind && text.Length > 0) (at, isBehind) = (at + Between.Length, false);
            foreach (var annotation in json.OwnField("annotations"u8).ElementsOrSelf())
                if (ChatAnnotation.Of(annotation, at) is { IsEmpty: false } page) _annotations.Add(page);
            at += text.Length;
        }
    }

    /// <summary>What one message says in a field, apart from what another one said there.</summary>
    private static void Append(IEnumerable<string> pieces, ref StringBuilder? field)
    {
        var isBehind = field is { Length: > 0 };
        foreach (var piece in pieces)
        {
            field ??= new();
            if (isBehind && piece.Length > 0) field.Append(Between);
            isBehind &= piece.Length == 0;
            field.Append(piece);
        }
    }
}
