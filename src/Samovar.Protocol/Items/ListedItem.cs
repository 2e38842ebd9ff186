using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Writes an item as lists of items have it, in the form that the SDKs' types promise, however short a client wrote it.</summary>
/// <remarks>
/// Clients may leave out a message's <c>type</c>, say its content as a string, send an answer back as text of the input or the other way
/// round, and name no ids and states. What reads a list must find all of it in one form; fields and kinds that are not known here stay as
/// they came.
/// </remarks>
internal static class ListedItem
{
    /// <param name="writer">Gets the item.</param>
    /// <param name="item">As it is kept.</param>
    /// <param name="id">Its own id, or the one that the list knows it by.</param>
    /// <param name="showsLogprobs">Whether it has the probabilities of its tokens.</param>
    public static void Write(Utf8JsonWriter writer, Item item, string id, bool showsLogprobs = true)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, item.Type);
        if (HasStatus(item)) WriteOr(writer, item.Json, "status"u8, "completed"u8);
        switch (item)
        {
            case MessageItem message:
                item.Json.WriteFields(writer, "id", "type", "status", "content");
                WriteParts(
                    writer, "content"u8, item.Json.OwnField("content"u8), message.Role == Role.Assistant, showsLogprobs);
                break;
            case FunctionCallOutputItem or CustomToolCallOutputItem:
                item.Json.WriteFields(writer, "id", "type", "status", "output");
                WriteOutput(writer, item.Json.OwnField("output"u8));
                break;
            case ReasoningItem: WriteReasoning(writer, item.Json); break;
            case AdditionalToolsItem:
                WriteOr(writer, item.Json, "role"u8, "developer"u8);
                item.Json.WriteFields(writer, "id", "type", "role");
                break;
            case IToolCall or IToolOutput: item.Json.WriteFields(writer, "id", "type", "status"); break;
            default: item.Json.WriteFields(writer, "id", "type"); break;
        }
        writer.WriteEndObject();
    }

    private static bool HasStatus(Item item) => item is MessageItem or IToolCall or IToolOutput;

    private static void WriteOr(Utf8JsonWriter writer, RawJson item, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherwise)
    {
        writer.WritePropertyName(name);
        if (item.OwnField(name) is { IsEmpty: false, IsNull: false } said) said.WriteTo(writer);
        else writer.WriteStringValue(otherwise);
    }

    /// <summary>Its summary is always there, its content only where it has one.</summary>
    private static void WriteReasoning(Utf8JsonWriter writer, RawJson thought)
    {
        var (summary, content) = (thought.OwnField("summary"u8), thought.OwnField("content"u8));
        writer.WritePropertyName("summary"u8);
        (summary.IsArray ? summary : RawJson.EmptyArray).WriteTo(writer);
        if (content.IsArray)
        {
            writer.WritePropertyName("content"u8);
            content.WriteTo(writer);
        }
        thought.WriteFields(writer, "id", "type", "summary", "content");
    }

    /// <summary>An output of one text is that text: there are SDKs that read no parts here.</summary>
    private static void WriteOutput(Utf8JsonWriter writer, RawJson output)
    {
        var parts = output.IsArray ? output.Elements() : [];
        if (output.IsArray && !(parts is [var only] && IsText(only)))
        {
            WriteParts(writer, "output"u8, output, isAnswer: false);
            return;
        }
        writer.WritePropertyName("output"u8);
        (parts is [var text] ? text.OwnField("text"u8) : output).WriteTo(writer);
    }

    private static bool IsText(RawJson part) => part.Text("type"u8) is "input_text" or "output_text" or "text";

    private static void WriteParts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson content, bool isAnswer, bool logprobs = true)
    {
        writer.WriteStartArray(name);
        if (content.IsArray)
            foreach (var part in content.Elements()) WritePart(writer, part, isAnswer, logprobs);
        else WriteText(writer, content, default, isAnswer, logprobs);
        writer.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter writer, RawJson part, bool isAnswer, bool logprobs)
    {
        if (IsText(part))
        {
            WriteText(writer, part.OwnField("text"u8), part, isAnswer, logprobs);
        }
        else if (part.Text("type"u8) == "input_image")
        {
            writer.WriteStartObject();
            part.WriteFields(writer, "detail");
            WriteOr(writer, part, "detail"u8, "auto"u8);
            writer.WriteEndObject();
        }
        else
        {
            part.WriteTo(writer);
        }
    }

    /// <param name="writer">Gets the part.</param>
    /// <param name="text">What is said, as JSON.</param>
    /// <param name="part">The part that it stood in; empty for none.</param>
    /// <param name="isAnswer">Whether the assistant said it.</param>
    /// <param name="logprobs">Whether it has the probabilities of its tokens.</param>
    private static void WriteText(Utf8JsonWriter writer, RawJson text, RawJson part, bool isAnswer, bool logprobs)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, isAnswer ? "output_text"u8 : "input_text"u8);
        writer.WritePropertyName("text"u8);
        text.WriteTo(writer);
        if (isAnswer)
        {
            WriteList(writer, "annotations"u8, part);
            WriteList(writer, "logprobs"u8, logprobs ? part : default);
        }
        if (!part.IsEmpty) part.WriteFields(writer, "type", "text", "annotations", "logprobs");
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, RawJson part)
    {
        writer.WritePropertyName(name);
        var list = part.OwnField(name);
        (list.IsArray ? list : RawJson.EmptyArray).WriteTo(writer);
    }
}
