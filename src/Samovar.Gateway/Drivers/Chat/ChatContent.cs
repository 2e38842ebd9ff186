using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>What a delta or a message says and thinks, in whatever form: text, or a list of parts.</summary>
internal sealed class ChatContent(UpstreamCall call, ChatOutput output)
{
    private enum Kind { Thought, Text, Refusal }

    private static readonly string[] TextFields = ["text", "content", "value"];
    private readonly SentText[] _said = new SentText[3]; // of each kind
    private readonly bool[] _hasDeltas = new bool[3];

    /// <param name="message">What says it.</param>
    /// <param name="logprobs">Of its text.</param>
    /// <param name="isMessage">Whether it may have all that was said so far, and not only what is new.</param>
    /// <param name="events">Where it goes.</param>
    public void Read(ChatMessageParts message, RawJson logprobs, bool isMessage, List<BackendEvent> events)
    {
        if (isMessage && !output.IsEmpty) ReadAgain(message, events);
        else foreach (var (kind, text) in Said(message))
        {
            if (!isMessage) _hasDeltas[(int)kind] = true;
            Say(kind, text, logprobs, events);
        }
    }

    /// <summary>The calls among the parts of a content.</summary>
    public static IReadOnlyList<RawJson> Calls(RawJson content) => content.Utf8.Span is [(byte)'[' or (byte)'{', ..]
        ? [.. Parts(content).Where(static part => IsCall(part.Text("type"u8)))] : [];

    /// <summary>A message behind others, or behind deltas: what begins with all that was said has its rest, what repeats it has nothing,
    /// and what else it says is the next piece. Behind deltas it is the same in other words.</summary>
    private void ReadAgain(ChatMessageParts message, List<BackendEvent> events)
    {
        foreach (var parts in Said(message).GroupBy(static part => part.Kind, static part => part.Text))
        {
            var (whole, said) = (string.Concat(parts), _said[(int)parts.Key]);
            if (said.IsStartOf(whole)) whole = whole[said.Length..];
            else if (_hasDeltas[(int)parts.Key]) continue;
            if (whole.Length > 0) Say(parts.Key, whole, default, events);
        }
    }

    private void Say(Kind kind, string text, RawJson logprobs, List<BackendEvent> events)
    {
        _said[(int)kind].Add(text);
        switch (kind)
        {
            case Kind.Thought: output.Think(text, events); break;
            case Kind.Text: output.Say(text, logprobs, events); break;
            case Kind.Refusal: output.Refuse(text, events); break;
        }
    }

    private IEnumerable<(Kind Kind, string Text)> Said(ChatMessageParts message)
    {
        if (Joined(message.Thought) is { Length: > 0 } thought) yield return (Kind.Thought, thought);
        else foreach (var detail in message.ThoughtDetails.Elements())
            if ((detail.Piece("text"u8) ?? detail.Piece("summary"u8)) is { Length: > 0 } part) yield return (Kind.Thought, part);
        if (Plain(message.Content) is { } text)
        {
            if (text.Length > 0) yield return (Kind.Text, text);
        }
        else foreach (var part in Parts(message.Content))
            if (Said(part, part.Text("type"u8)) is { Text.Length: > 0 } said) yield return said;
        if (message.Content.AsPiece() is null or "" && message.Audio.Piece("transcript"u8) is { Length: > 0 } spoken)
            yield return (Kind.Text, spoken);
        if (message.Refusal.AsPiece() is { Length: > 0 } refusal) yield return (Kind.Refusal, refusal);
    }

    private (Kind Kind, string Text) Said(RawJson part, string? type)
    {
        switch (type)
        {
            case "thinking" or "reasoning" or "reasoning_text" or "thought": return (Kind.Thought, Thought(part) ?? "");
            case "refusal": return (Kind.Refusal, part.Piece("refusal"u8) ?? Text(part) ?? "");
            case var _ when IsCall(type): return (Kind.Text, "");
            default:
                var text = Text(part) ?? "";
                if (text.Length == 0 && type is not (null or "text" or "output_text")) call.Drop(EventDrop.UnknownContent);
                return (Kind.Text, text);
        }
    }

    private static bool IsCall(string? type) => type is "tool_use" or "tool_call" or "function_call" or "function";

    private static string? Thought(RawJson part) => Joined(part.Field("thinking"u8)) is { Length: > 0 } thought ? thought
        : Text(part) ?? Joined(part.Field("summary"u8));

    private static string? Text(RawJson part) => Plain(part)
        ?? TextFields.Select(name => Plain(part.Field(System.Text.Encoding.UTF8.GetBytes(name)))).FirstOrDefault(text => text is not null);

    /// <summary>A text; some send one that looks like a number as that number.</summary>
    private static string? Plain(RawJson value) => value.AsPiece()
        ?? (value.Utf8.Span is [(byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..] ? value.ToString() : null);

    /// <summary>A text, or the texts of a list of parts.</summary>
    private static string? Joined(RawJson value) => Plain(value) ?? string.Concat(Parts(value).Select(Text));

    private static IReadOnlyList<RawJson> Parts(RawJson value) => value.ElementsOrSelf();
}
