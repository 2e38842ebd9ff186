using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Translation;

/// <summary>A part of a message or of an output as another protocol gave it.</summary>
/// <param name="FileData">A file's content as a data URL.</param>
internal readonly record struct InputPart(ContentPart Content, string? FileData = null)
{
    /// <summary>Whether the text is the name of a tool that a search for tools found.</summary>
    public bool IsToolReference { get; init; }

    /// <summary>What only upstreams of the Messages API read of a document.</summary>
    public RawJson Document { get; init; }

    /// <summary>JSON array: what a text of the assistant rests on.</summary>
    public RawJson Annotations { get; init; }
}

/// <summary>Makes items of what another protocol's history says: the same words always make the same bytes, by which a history that is
/// sent again is known.</summary>
internal static class InputItems
{
    private static ReadOnlySpan<byte> Speaker => "name"u8;

    /// <summary>Who speaks in a message; null where it does not say.</summary>
    public static string? SpeakerOf(MessageItem message) => message.Json.OwnField(Speaker).AsText();

    /// <summary>The message without saying who speaks: items of the public API have no place for that.</summary>
    public static MessageItem WithoutSpeaker(MessageItem message) => message.Json.OwnField(Speaker).IsEmpty ? message : message with
    {
        Json = Raw(message.Json, static (writer, json) =>
        {
            writer.WriteStartObject();
            json.WriteFields(writer, "name");
            writer.WriteEndObject();
        }),
    };

    /// <param name="speaker">What tells apart those who speak in one role: kept with the item, and of no meaning to models.</param>
    public static MessageItem Message(Role role, IReadOnlyList<InputPart> parts, string? speaker = null) =>
        new(role, Contents(parts), Phase: null)
    {
        Json = Raw((role, parts, speaker), static (writer, message) =>
        {
            Begin(writer, "message"u8);
            writer.WriteString("role"u8, Name(message.role));
            if (message.speaker is { Length: > 0 }) writer.WriteString(Speaker, message.speaker);
            writer.WriteStartArray("content"u8);
            foreach (var part in message.parts) WritePart(writer, part, message.role == Role.Assistant);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }),
    };

    /// <param name="extra">What the call's maker said beside it, see <see cref="CallExtra"/>.</param>
    public static FunctionCallItem FunctionCall(string callId, string name, string arguments, RawJson extra = default) =>
        new(callId, name, arguments, null)
    {
        HasExtra = !extra.IsEmpty,
        Json = Raw((callId, name, arguments, extra), static (writer, call) =>
        {
            Begin(writer, "function_call"u8);
            writer.WriteString("call_id"u8, call.callId);
            writer.WriteString("name"u8, call.name);
            writer.WriteString("arguments"u8, call.arguments);
            CallExtra.Write(writer, call.extra);
            writer.WriteEndObject();
        }),
    };

    /// <inheritdoc cref="FunctionCall"/>
    public static CustomToolCallItem CustomCall(string callId, string name, string input, RawJson extra = default) =>
        new(callId, name, input, null)
    {
        HasExtra = !extra.IsEmpty,
        Json = Raw((callId, name, input, extra), static (writer, call) =>
        {
            Begin(writer, "custom_tool_call"u8);
            writer.WriteString("call_id"u8, call.callId);
            writer.WriteString("name"u8, call.name);
            writer.WriteString("input"u8, call.input);
            CallExtra.Write(writer, call.extra);
            writer.WriteEndObject();
        }),
    };

    /// <param name="isError">Whether the tool failed: its output then counts as incomplete.</param>
    public static FunctionCallOutputItem FunctionOutput(string callId, IReadOnlyList<InputPart> parts, bool isError = false) =>
        new(callId, Contents(parts)) { Json = Output("function_call_output", callId, parts, isError) };

    public static CustomToolCallOutputItem CustomOutput(string callId, IReadOnlyList<InputPart> parts) =>
        new(callId, Contents(parts)) { Json = Output("custom_tool_call_output", callId, parts, isError: false) };

    /// <param name="text">What was thought; empty where only the sealed form is there.</param>
    public static ReasoningItem Reasoning(string text, string? encryptedContent)
    {
        IReadOnlyList<string> content = text.Length > 0 ? [text] : [];
        return new([], content, encryptedContent)
        {
            Json = Raw((content, encryptedContent), static (writer, thought) =>
            {
                Begin(writer, "reasoning"u8);
                writer.WriteStartArray("summary"u8);
                writer.WriteEndArray();
                writer.WriteStartArray("content"u8);
                foreach (var text in thought.content) ItemWriter.WriteText(writer, "reasoning_text"u8, text);
                writer.WriteEndArray();
                if (thought.encryptedContent is not null) writer.WriteString("encrypted_content"u8, thought.encryptedContent);
                writer.WriteEndObject();
            }),
        };
    }

    private static RawJson Output(string type, string callId, IReadOnlyList<InputPart> parts, bool isError) =>
        Raw((type, callId, parts, isError), static (writer, output) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, output.type);
            writer.WriteString("call_id"u8, output.callId);
            if (output.isError) writer.WriteString("status"u8, "incomplete"u8);
            writer.WritePropertyName("output"u8);
            if (output.parts is [{ Content: ContentPart.Text only, IsToolReference: false, Document.IsEmpty: true }])
            {
                writer.WriteStringValue(only.Value);
            }
            else
            {
                writer.WriteStartArray();
                foreach (var part in output.parts) WritePart(writer, part, isAssistant: false);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });

    private static void WritePart(Utf8JsonWriter writer, InputPart part, bool isAssistant)
    {
        switch (part.Content)
        {
            case ContentPart.Text tool when part.IsToolReference:
                WriteObject(writer, PartTypes.ToolReference, [("tool_name", tool.Value)]);
                break;
            case ContentPart.Text said when isAssistant:
                ItemWriter.WritePart(writer, new OutputPart(PartKind.OutputText, said.Value, default, part.Annotations));
                break;
            case ContentPart.Text text when !part.Document.IsEmpty:
                WriteObject(writer, "input_text", [("text", text.Value)], part.Document);
                break;
            case ContentPart.Text text: ItemWriter.WriteText(writer, "input_text"u8, text.Value); break;
            case ContentPart.Refusal refusal: ItemWriter.WritePart(writer, new OutputPart(PartKind.Refusal, refusal.Value)); break;
            case ContentPart.Image image: WriteObject(writer, "input_image", [("image_url", image.Url), ("file_id", image.FileId),
                ("detail", image.Detail)]); break;
            case ContentPart.File file: WriteObject(writer, "input_file", [("filename", file.Name), ("file_id", file.FileId),
                ("file_url", file.Url), ("file_data", part.FileData)], part.Document); break;
            default: throw new System.Diagnostics.UnreachableException(part.Content.GetType().Name);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, string type, ReadOnlySpan<(string Name, string? Value)> fields,
        RawJson document = default)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        foreach (var (name, value) in fields)
            if (value is not null) writer.WriteString(name, value);
        if (!document.IsEmpty)
        {
            writer.WritePropertyName(PartTypes.DocumentField);
            document.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, ReadOnlySpan<byte> type)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
    }

    private static ReadOnlySpan<byte> Name(Role role) => role switch
    {
        Role.Assistant => "assistant"u8,
        Role.System => "system"u8,
        Role.Developer => "developer"u8,
        _ => "user"u8,
    };

    private static List<ContentPart> Contents(IReadOnlyList<InputPart> parts) => [.. parts.Select(part => part.Content)];

    private static RawJson Raw<T>(T item, Action<Utf8JsonWriter, T> write) => new(JsonBuffer.Bytes(item, write));
}
