using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>What a delta or a whole message says and thinks, in whatever form: text, or a list of parts.</summary>
internal sealed class ChatContent(UpstreamCall call, ChatOutput output)
{
    private static readonly string[] TextFields = ["text", "content", "value"];

    public void Read(ChatMessageParts message, RawJson logprobs, List<BackendEvent> events)
    {
        if (Joined(message.Thought) is { Length: > 0 } thought) output.Think(thought, events);
        else foreach (var detail in message.ThoughtDetails.Elements())
            if ((detail.Piece("text"u8) ?? detail.Piece("summary"u8)) is { Length: > 0 } part) output.Think(part, events);
        Say(message.Content, logprobs, events);
        if (message.Content.AsPiece() is null or "" && message.Audio.Piece("transcript"u8) is { Length: > 0 } spoken)
            output.Say(spoken, default, events);
        if (message.Refusal.AsPiece() is { Length: > 0 } refusal) output.Refuse(refusal, events);
    }

    private void Say(RawJson content, RawJson logprobs, List<BackendEvent> events)
    {
        if (Plain(content) is { } text)
        {
            if (text.Length > 0) output.Say(text, logprobs, events);
            return;
        }
        foreach (var part in Parts(content)) Say(part, logprobs, events, part.Text("type"u8));
    }

    private void Say(RawJson part, RawJson logprobs, List<BackendEvent> events, string? type)
    {
        switch (type)
        {
            case "thinking" or "reasoning" or "reasoning_text" or "thought":
                if (Thought(part) is { Length: > 0 } thought) output.Think(thought, events);
                break;
            case "refusal":
                if ((part.Piece("refusal"u8) ?? Text(part)) is { Length: > 0 } refusal) output.Refuse(refusal, events);
                break;
            default:
                if (Text(part) is { Length: > 0 } text) output.Say(text, logprobs, events);
                else if (type is not (null or "text" or "output_text")) call.Drop(EventDrop.UnknownContent);
                break;
        }
    }

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
