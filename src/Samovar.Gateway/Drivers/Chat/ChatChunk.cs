using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>The fields of a chunk, or of a whole completion, that say something here; each is found in one pass.</summary>
/// <param name="Outcome">Whether MiniMax could do what was asked.</param>
internal readonly record struct ChatChunk(
    RawJson Choices, RawJson Error, RawJson Usage, RawJson Timings, RawJson Groq, RawJson Model, RawJson Outcome)
{
    public static ChatChunk Of(RawJson json)
    {
        var chunk = default(ChatChunk);
        var scan = new FieldScan(json);
        while (scan.Next())
        {
            if (scan.Name.SequenceEqual("choices"u8)) chunk = chunk with { Choices = scan.Value };
            else if (scan.Name.SequenceEqual("error"u8)) chunk = chunk with { Error = scan.Value };
            else if (scan.Name.SequenceEqual("usage"u8)) chunk = chunk with { Usage = scan.Value };
            else if (scan.Name.SequenceEqual("timings"u8)) chunk = chunk with { Timings = scan.Value };
            else if (scan.Name.SequenceEqual("x_groq"u8)) chunk = chunk with { Groq = scan.Value };
            else if (scan.Name.SequenceEqual("model"u8)) chunk = chunk with { Model = scan.Value };
            else if (scan.Name.SequenceEqual("base_resp"u8)) chunk = chunk with { Outcome = scan.Value };
        }
        return chunk;
    }
}

/// <summary>The fields of a choice.</summary>
/// <param name="StopReason">vLLM's; <paramref name="MatchedStop"/> is SGLang's: the text or the token that ended the answer.</param>
internal readonly record struct ChatChoice(
    RawJson Delta, RawJson Message, RawJson Text, RawJson Logprobs, RawJson FinishReason, RawJson StopReason, RawJson MatchedStop,
    RawJson Usage, RawJson Error)
{
    public static ChatChoice Of(RawJson json)
    {
        var choice = default(ChatChoice);
        var scan = new FieldScan(json);
        while (scan.Next())
        {
            if (scan.Name.SequenceEqual("delta"u8)) choice = choice with { Delta = scan.Value };
            else if (scan.Name.SequenceEqual("message"u8)) choice = choice with { Message = scan.Value };
            else if (scan.Name.SequenceEqual("text"u8)) choice = choice with { Text = scan.Value };
            else if (scan.Name.SequenceEqual("logprobs"u8)) choice = choice with { Logprobs = scan.Value };
            else if (scan.Name.SequenceEqual("finish_reason"u8)) choice = choice with { FinishReason = scan.Value };
            else if (scan.Name.SequenceEqual("stop_reason"u8)) choice = choice with { StopReason = scan.Value };
            else if (scan.Name.SequenceEqual("matched_stop"u8)) choice = choice with { MatchedStop = scan.Value };
            else if (scan.Name.SequenceEqual("usage"u8)) choice = choice with { Usage = scan.Value };
            else if (scan.Name.SequenceEqual("error"u8)) choice = choice with { Error = scan.Value };
        }
        return choice;
    }
}

/// <summary>The fields of a delta or of a whole message.</summary>
internal readonly record struct ChatMessageParts(
    RawJson Content, RawJson Refusal, RawJson ToolCalls, RawJson FunctionCall, RawJson Thought, RawJson ThoughtDetails,
    RawJson Annotations, RawJson Audio)
{
    /// <param name="json">Thought has a name of its own with every engine and service; the first that says something counts.</param>
    public static ChatMessageParts Of(RawJson json)
    {
        var parts = default(ChatMessageParts);
        var scan = new FieldScan(json);
        while (scan.Next())
        {
            if (scan.Name.SequenceEqual("content"u8)) parts = parts with { Content = scan.Value };
            else if (scan.Name.SequenceEqual("tool_calls"u8)) parts = parts with { ToolCalls = scan.Value };
            else if (scan.Name.SequenceEqual("refusal"u8)) parts = parts with { Refusal = scan.Value };
            else if (scan.Name.SequenceEqual("function_call"u8)) parts = parts with { FunctionCall = scan.Value };
            else if (scan.Name.SequenceEqual("reasoning_details"u8)) parts = parts with { ThoughtDetails = scan.Value };
            else if (scan.Name.SequenceEqual("audio"u8)) parts = parts with { Audio = scan.Value };
            else if (scan.Name.SequenceEqual("annotations"u8)) parts = parts with { Annotations = scan.Value };
            else if (IsThought(scan.Name) && IsSaying(scan.Value) && !IsSaying(parts.Thought)) parts = parts with { Thought = scan.Value };
        }
        return parts;
    }

    private static bool IsThought(ReadOnlySpan<byte> name) => name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8)
        || name.SequenceEqual("thinking"u8) || name.SequenceEqual("reasoning_text"u8) || name.SequenceEqual("thought"u8);

    private static bool IsSaying(RawJson value) => value.IsSet() && !value.Utf8.Span.SequenceEqual("\"\""u8);
}
