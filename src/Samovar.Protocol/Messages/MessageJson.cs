using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Messages;

/// <summary>The shapes of the Messages API: a message, its blocks, its usage.</summary>
internal static class MessageJson
{
    public const string OurPrefix = "resp_", Prefix = "msg_";

    /// <summary>The message as it begins.</summary>
    public static void WriteStart(Utf8JsonWriter writer, ResponseView response, bool diagnoses)
    {
        writer.WriteStartObject("message"u8);
        WriteHead(writer, response);
        writer.WriteStartArray("content"u8);
        writer.WriteEndArray();
        writer.WriteNull("stop_reason"u8);
        writer.WriteNull("stop_sequence"u8);
        WriteUsage(writer, response.Usage ?? Usage.Zero);
        if (diagnoses) WriteDiagnostics(writer, response.CacheDiagnostics);
        writer.WriteEndObject();
    }

    /// <summary>What a stream's last event but one says.</summary>
    public static void WriteEnd(Utf8JsonWriter writer, ResponseView response, CallsMade calls, bool hasRefusal, bool isCompaction)
    {
        writer.WriteStartObject("delta"u8);
        writer.WriteString("stop_reason"u8, StopReason(response, calls, hasRefusal, isCompaction));
        writer.WriteString("stop_sequence"u8, response.StopSequence);
        EndFields.Write(writer, response.MessagesEnd);
        writer.WriteEndObject();
        WriteUsage(writer, response.Usage ?? Usage.Zero);
        WriteEdits(writer, response.AppliedEdits);
    }

    /// <summary>A message that has ended.</summary>
    public static byte[] Whole(ResponseView response, bool hidesThoughts, bool diagnoses) =>
        JsonBuffer.Bytes((response, hidesThoughts, diagnoses), static (writer, it) =>
    {
        var response = it.response;
        writer.WriteStartObject();
        WriteHead(writer, response);
        writer.WriteStartArray("content"u8);
        foreach (var item in response.Output) WriteBlocks(writer, item, it.hidesThoughts);
        writer.WriteEndArray();
        var hasRefusal = response.Output.OfType<MessageItem>().Any(message => message.Content.Any(part => part is ContentPart.Refusal));
        writer.WriteString("stop_reason"u8, StopReason(response, CallsOf(response), hasRefusal, response.Output is [CompactionItem]));
        writer.WriteString("stop_sequence"u8, response.StopSequence);
        EndFields.Write(writer, response.MessagesEnd);
        WriteUsage(writer, response.Usage ?? Usage.Zero);
        if (it.diagnoses) WriteDiagnostics(writer, response.CacheDiagnostics);
        WriteEdits(writer, response.AppliedEdits);
        writer.WriteEndObject();
    });

    /// <summary>The options of a create request that compare with the message of that name.</summary>
    public static RawJson Comparison(string messageId) => new(JsonBuffer.Bytes(messageId, static (writer, id) =>
    {
        writer.WriteStartObject();
        writer.WriteString("comparison_response_id"u8, ResponseNameOf(id));
        writer.WriteEndObject();
    }));

    /// <summary>The response that a message of that name is, as a JSON text.</summary>
    public static RawJson ResponseId(string messageId) =>
        new(JsonBuffer.Bytes(ResponseNameOf(messageId), static (writer, id) => writer.WriteStringValue(id)));

    private static string ResponseNameOf(string messageId) => messageId.StartsWith(Prefix, StringComparison.Ordinal)
        ? string.Concat(OurPrefix, messageId.AsSpan(Prefix.Length)) : messageId;

    public static void WriteText(Utf8JsonWriter writer, string text) => WriteBlock(writer, "text", [("text", text)]);

    /// <param name="citations">What the text rests on, as the provider gave it; without any there is no such field.</param>
    public static void WriteText(Utf8JsonWriter writer, string text, IReadOnlyList<RawJson> citations)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        if (citations.Count > 0)
        {
            writer.WriteStartArray("citations"u8);
            foreach (var citation in citations) citation.WriteTo(writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    public static void WriteThought(Utf8JsonWriter writer, string text, string signature) =>
        WriteBlock(writer, "thinking", [("thinking", text), ("signature", signature)]);

    public static void WriteRedacted(Utf8JsonWriter writer, string data) => WriteBlock(writer, "redacted_thinking", [("data", data)]);

    /// <param name="extra">What its maker said beside it, see <see cref="ToolUseFields"/>.</param>
    public static void WriteToolUse(Utf8JsonWriter writer, string id, string name, RawJson input, RawJson extra)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, id);
        writer.WriteString("name"u8, name);
        writer.WritePropertyName("input"u8);
        input.WriteTo(writer);
        ToolUseFields.Write(writer, extra);
        writer.WriteEndObject();
    }

    /// <summary>Whether a part of a message made here is a refusal.</summary>
    public static bool IsRefusal(RawJson part) => !part.Field("refusal"u8).IsEmpty;

    private static void WriteHead(Utf8JsonWriter writer, ResponseView response)
    {
        var id = response.Id?.Value ?? "";
        writer.WriteString("id"u8, Prefix + (id.StartsWith(OurPrefix, StringComparison.Ordinal) ? id[OurPrefix.Length..] : id));
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, response.Model);
    }

    private static void WriteBlocks(Utf8JsonWriter writer, Item item, bool hidesThoughts)
    {
        switch (item)
        {
            case MessageItem message: WriteParts(writer, message); break;
            case FunctionCallItem call:
                WriteToolUse(writer, call.CallId, call.Name, ToolInput.Of(call.Arguments), CallExtra.Of(call));
                break;
            case ReasoningItem thought: WriteThought(writer, thought, hidesThoughts); break;
            case CompactionItem compaction: CompactionBlock.Write(writer, compaction); break;
            case UnknownItem when CarriedBlock.Of(item) is { IsEmpty: false } block: block.WriteTo(writer); break;
        }
    }

    private static void WriteParts(Utf8JsonWriter writer, MessageItem message)
    {
        var citations = Citation.OfParts(message);
        for (var at = 0; at < message.Content.Count; at++)
        {
            var said = message.Content[at] switch { ContentPart.Text text => text.Value, ContentPart.Refusal no => no.Value, _ => "" };
            WriteText(writer, said, citations?.Count == message.Content.Count ? citations[at] : []);
        }
    }

    private static void WriteThought(Utf8JsonWriter writer, ReasoningItem thought, bool isHidden)
    {
        var text = string.Concat(thought.Summary.Concat(thought.Content)); // as it streams
        if (ThoughtSeal.RedactedData(thought.EncryptedContent) is { } data) WriteRedacted(writer, data);
        else if (text.Length > 0 || thought.EncryptedContent is not null)
            WriteThought(writer, isHidden ? "" : text, ThoughtSeal.SignatureOf(thought.EncryptedContent));
    }

    private static string StopReason(ResponseView response, CallsMade calls, bool hasRefusal, bool isCompaction) =>
        response.IncompleteReason switch
        {
            "content_filter" => "refusal",
            not null => response.StopReason ?? "max_tokens",
            _ when calls == CallsMade.Broken => "max_tokens", // the only reason by which clients know that an input is not whole
            _ when isCompaction => "compaction",
            _ when response.StopSequence is not null => "stop_sequence",
            _ => calls == CallsMade.Whole ? "tool_use" : hasRefusal ? "refusal" : "end_turn",
        };

    /// <summary>Calls that the maker of the answer ran itself are nobody's to run.</summary>
    private static CallsMade CallsOf(ResponseView response) => response.Output.OfType<FunctionCallItem>()
        .Where(call => !response.Output.Any(item => CarriedResult.CallOf(item) == call.CallId))
        .Select(call => ToolInput.IsBroken(call.Arguments) ? CallsMade.Broken : CallsMade.Whole).DefaultIfEmpty().Max();

    /// <summary>Here <c>input_tokens</c> counts only what was neither read from nor written to a cache.</summary>
    private static void WriteUsage(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, usage.InputTokens - usage.CachedTokens - usage.CacheWriteTokens);
        writer.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWriteTokens);
        writer.WriteNumber("cache_read_input_tokens"u8, usage.CachedTokens);
        writer.WriteNumber("output_tokens"u8, usage.OutputTokens);
        writer.WriteEndObject();
    }

    /// <summary>What was left out of the context, where the client asked for that.</summary>
    private static void WriteEdits(Utf8JsonWriter writer, RawJson applied)
    {
        if (applied.IsEmpty) return;
        writer.WriteStartObject("context_management"u8);
        writer.WritePropertyName("applied_edits"u8);
        applied.WriteTo(writer);
        writer.WriteEndObject();
    }

    /// <summary>Null where the two prompts are equal, or there is nothing to compare with.</summary>
    private static void WriteDiagnostics(Utf8JsonWriter writer, CacheDiagnostics? diagnostics)
    {
        var (type, missed) = diagnostics switch
        {
            CacheDiagnostics.Miss miss => (MissReasons.OfAnthropic(miss), (int?)miss.MissedTokens),
            CacheDiagnostics.ComparisonNotFound => ("previous_message_not_found", null),
            CacheDiagnostics.Unavailable => ("unavailable", null),
            _ => (null, null),
        };
        if (type is null)
        {
            writer.WriteNull("diagnostics"u8);
            return;
        }
        writer.WriteStartObject("diagnostics"u8);
        writer.WriteStartObject("cache_miss_reason"u8);
        writer.WriteString("type"u8, type);
        if (missed is { } tokens) writer.WriteNumber("cache_missed_input_tokens"u8, tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter writer, string type, ReadOnlySpan<(string Name, string Value)> fields)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        foreach (var (name, value) in fields) writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
