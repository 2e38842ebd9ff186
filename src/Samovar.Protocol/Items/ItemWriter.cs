using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Makes the items that are born here, each with the exact JSON that goes on the wire.</summary>
/// <remarks>
/// No field is written as null: Open Responses refuses <c>phase</c>, <c>encrypted_content</c> and <c>content</c> of null,
/// and every client reads an absent one.
/// </remarks>
public static class ItemWriter
{
    /// <summary>A user's message of one text, as a string <c>input</c> means it.</summary>
    public static MessageItem UserText(string text) => new(Role.User, [new ContentPart.Text(text)], Phase: null)
    {
        Json = Raw(text, static (writer, text) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "message"u8);
            writer.WriteString("role"u8, "user"u8);
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "input_text"u8);
            writer.WriteString("text"u8, text);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }),
    };

    /// <summary>The assistant's message. While it is in progress it has no parts.</summary>
    /// <param name="phase">commentary or final_answer; null leaves it out.</param>
    public static MessageItem Message(string id, IReadOnlyList<OutputPart> parts, string? phase, ItemStatus status) =>
        new(Role.Assistant, parts is [var only] ? [Content(only)] : [.. parts.Select(Content)], phase)
        {
            Id = id,
            Json = MessageJson(id, parts, phase, status),
        };

    /// <inheritdoc cref="Message"/>
    public static RawJson MessageJson(string id, IReadOnlyList<OutputPart> parts, string? phase, ItemStatus status) =>
        Raw((id, parts, phase, status), static (writer, message) =>
        {
            Begin(writer, message.id, "message"u8, message.status);
            writer.WriteString("role"u8, "assistant"u8);
            if (message.phase is not null) writer.WriteString("phase"u8, message.phase);
            writer.WriteStartArray("content"u8);
            foreach (var part in message.parts) WritePart(writer, part);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <param name="arguments">Empty while they are still to come.</param>
    public static FunctionCallItem FunctionCall(string id, string callId, string name, string arguments, string? @namespace,
        ItemStatus status, bool isAsync = false) =>
        new(callId, name, arguments, @namespace)
        {
            Id = id,
            IsCutOff = status == ItemStatus.Incomplete,
            IsAsync = isAsync,
            Json = Raw((id, callId, name, arguments, @namespace, status, isAsync), static (writer, call) =>
            {
                Begin(writer, call.id, "function_call"u8, call.status);
                writer.WriteString("call_id"u8, call.callId);
                writer.WriteString("name"u8, call.name);
                if (call.@namespace is not null) writer.WriteString("namespace"u8, call.@namespace);
                if (call.isAsync) writer.WriteBoolean("async"u8, true);
                writer.WriteString("arguments"u8, call.arguments);
                writer.WriteEndObject();
            }),
        };

    /// <summary>A call as it came, and that it is asynchronous.</summary>
    public static RawJson WithAsync(RawJson call) => Raw(call, static (writer, call) =>
    {
        writer.WriteStartObject();
        call.WriteFields(writer, "async");
        writer.WriteBoolean("async"u8, true);
        writer.WriteEndObject();
    });

    /// <param name="input">Empty while it is still to come.</param>
    public static CustomToolCallItem CustomToolCall(string id, string callId, string name, string input, string? @namespace,
        ItemStatus status, bool isAsync = false) =>
        new(callId, name, input, @namespace)
        {
            Id = id,
            IsCutOff = status == ItemStatus.Incomplete,
            IsAsync = isAsync,
            Json = Raw((id, callId, name, input, @namespace, status, isAsync), static (writer, call) =>
            {
                Begin(writer, call.id, "custom_tool_call"u8, call.status);
                writer.WriteString("call_id"u8, call.callId);
                writer.WriteString("name"u8, call.name);
                if (call.@namespace is not null) writer.WriteString("namespace"u8, call.@namespace);
                if (call.isAsync) writer.WriteBoolean("async"u8, true);
                writer.WriteString("input"u8, call.input);
                writer.WriteEndObject();
            }),
        };

    public static ReasoningItem Reasoning(
        string id, IReadOnlyList<string> summary, IReadOnlyList<string> content, string? encryptedContent, ItemStatus status) =>
        new(summary, content, encryptedContent)
        {
            Id = id,
            Json = Raw((id, summary, content, encryptedContent, status), static (writer, reasoning) =>
            {
                Begin(writer, reasoning.id, "reasoning"u8, reasoning.status);
                writer.WriteStartArray("summary"u8);
                foreach (var text in reasoning.summary) WriteText(writer, "summary_text"u8, text);
                writer.WriteEndArray();
                if (reasoning.content.Count > 0)
                {
                    writer.WriteStartArray("content"u8);
                    foreach (var text in reasoning.content) WriteText(writer, "reasoning_text"u8, text);
                    writer.WriteEndArray();
                }
                if (reasoning.encryptedContent is not null) writer.WriteString("encrypted_content"u8, reasoning.encryptedContent);
                writer.WriteEndObject();
            }),
        };

    /// <summary>A part as items and content_part events have it.</summary>
    internal static void WritePart(Utf8JsonWriter writer, OutputPart part)
    {
        if (part.Kind == PartKind.ReasoningText)
        {
            WriteText(writer, "reasoning_text"u8, part.Text);
            return;
        }
        writer.WriteStartObject();
        var isText = part.Kind == PartKind.OutputText;
        writer.WriteString("type"u8, isText ? "output_text"u8 : "refusal"u8);
        writer.WriteString(isText ? "text"u8 : "refusal"u8, part.Text);
        if (isText)
        {
            writer.WritePropertyName("annotations"u8);
            WriteArray(writer, part.Annotations);
            writer.WritePropertyName("logprobs"u8);
            WriteArray(writer, part.Logprobs);
        }
        writer.WriteEndObject();
    }

    /// <summary>A part's text in an object of its own.</summary>
    internal static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    internal static void WriteArray(Utf8JsonWriter writer, RawJson array) => (array.IsEmpty ? RawJson.EmptyArray : array).WriteTo(writer);

    private static void Begin(Utf8JsonWriter writer, string id, ReadOnlySpan<byte> type, ItemStatus status)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, type);
        writer.WriteString("status"u8, status switch
        {
            ItemStatus.InProgress => "in_progress"u8,
            ItemStatus.Completed => "completed"u8,
            _ => "incomplete"u8,
        });
    }

    private static ContentPart Content(OutputPart part) =>
        part.Kind == PartKind.Refusal ? new ContentPart.Refusal(part.Text) : new ContentPart.Text(part.Text);

    private static RawJson Raw<T>(T item, Action<Utf8JsonWriter, T> write) => new(JsonBuffer.Bytes(item, write));
}
