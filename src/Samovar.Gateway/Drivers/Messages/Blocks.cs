using System.Text.Json;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Content blocks of the Messages API.</summary>
internal static class Blocks
{
    private static readonly byte[] CacheControl = [.. ",\"cache_control\":{\"type\":\"ephemeral\"}}"u8];

    /// <summary>The same object with a cache breakpoint after it.</summary>
    public static RawJson WithBreakpoint(RawJson block) => new((byte[])[.. block.Utf8.Span[..^1], .. CacheControl]);

    public static RawJson Text(string text) => JsonBytes.Write(writer => WriteText(writer, text));

    /// <param name="citations">As the provider gave them.</param>
    public static RawJson Text(string text, IReadOnlyList<RawJson> citations) =>
        JsonBytes.Write(writer => MessageJson.WriteText(writer, text, citations));

    /// <param name="extra">What the call's maker said beside it.</param>
    public static RawJson ToolUse(string callId, string name, string arguments, RawJson extra) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, callId);
        writer.WriteString("name"u8, name);
        writer.Raw("input"u8, ToolInput.Of(arguments));
        ToolUseFields.WriteBack(writer, extra);
        writer.WriteEndObject();
    });

    /// <param name="content">Blocks.</param>
    public static RawJson ToolResult(string callId, IReadOnlyList<RawJson> content, bool hasFailed) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, callId);
        if (hasFailed) writer.WriteBoolean("is_error"u8, true);
        writer.WriteStartArray("content"u8);
        foreach (var block in content) writer.Raw(block);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The blocks of a message's content or a tool's output.</summary>
    /// <param name="json">The same parts as they are written: what the core does not read of them is read here.</param>
    public static List<RawJson> Parts(IReadOnlyList<ContentPart> content, RawJson json)
    {
        var isRead = !json.IsArray // a text alone may be that very word
            || (content.All(part => part is not ContentPart.File) && json.Utf8.Span.IndexOf("\"tool_reference\""u8) < 0
                && !CitedDocument.IsIn(json));
        var blocks = isRead ? content.Select(Part) : content.Zip(json.Elements(), Part);
        return blocks.Where(block => !block.IsEmpty).ToList();
    }

    private static RawJson Part(ContentPart part, RawJson json) => part switch
    {
        ContentPart.Text tool when json.Text("type"u8) == PartTypes.ToolReference => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, PartTypes.ToolReference);
            writer.WriteString("tool_name"u8, tool.Value);
            writer.WriteEndObject();
        }),
        ContentPart.File file => Document(file, json.Text("file_data"u8), CitedDocument.Of(json)),
        ContentPart.Text when CitedDocument.Of(json) is var whole && CitedDocument.IsWhole(whole) => whole,
        _ => Part(part),
    };

    /// <summary>Empty for a text without any word, which the API refuses.</summary>
    private static RawJson Part(ContentPart part) => IsBlank(part) ? default : JsonBytes.Write(writer => WritePart(writer, part));

    /// <summary>Whether it is a text without any word.</summary>
    public static bool IsBlank(ContentPart part) => part switch
    {
        ContentPart.Text { Value: var text } => string.IsNullOrWhiteSpace(text),
        ContentPart.Refusal { Value: var refusal } => string.IsNullOrWhiteSpace(refusal),
        _ => false,
    };

    private static void WritePart(Utf8JsonWriter writer, ContentPart part)
    {
        switch (part)
        {
            case ContentPart.Text { Value: var text }: WriteText(writer, text); break;
            case ContentPart.Refusal { Value: var refusal }: WriteText(writer, refusal); break;
            case ContentPart.Image { Url: { } url }: WriteImage(writer, url, Sources.WriteImage); break;
            case ContentPart.Image { FileId: { } file }: WriteImage(writer, file, WriteFile); break;
            default: throw CannotSend.Part(ContentKinds.Name(part));
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    /// <param name="said">What is said of it to providers of this API; empty for nothing.</param>
    private static RawJson Document(ContentPart.File file, string? data, RawJson said) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "document"u8);
        if (file.Name is { Length: > 0 } name) writer.WriteString("title"u8, name);
        if (data is { Length: > 0 }) Sources.WriteDocument(writer, data, isData: true);
        else if (file.Url is { } url) Sources.WriteDocument(writer, url, isData: false);
        else WriteFile(writer, file.FileId ?? throw CannotSend.Part("input_file"));
        CitedDocument.WriteFields(writer, said);
        writer.WriteEndObject();
    });

    private static void WriteImage(Utf8JsonWriter writer, string source, Action<Utf8JsonWriter, string> write)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image"u8);
        write(writer, source);
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, string fileId)
    {
        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, "file"u8);
        writer.WriteString("file_id"u8, fileId);
        writer.WriteEndObject();
    }
}
