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

    public static RawJson ToolUse(string callId, string name, string arguments) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, callId);
        writer.WriteString("name"u8, name);
        writer.Raw("input"u8, ToolInput.Of(arguments));
        writer.WriteEndObject();
    });

    public static RawJson ToolResult(string callId, IReadOnlyList<ContentPart> output, bool hasFailed) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, callId);
        if (hasFailed) writer.WriteBoolean("is_error"u8, true);
        writer.WriteStartArray("content"u8);
        foreach (var part in output) WritePart(writer, part);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Empty for a part without content, which the API refuses.</summary>
    public static RawJson Part(ContentPart part) =>
        part is ContentPart.Text { Value.Length: 0 } or ContentPart.Refusal { Value.Length: 0 } ? default
            : JsonBytes.Write(writer => WritePart(writer, part));

    private static void WritePart(Utf8JsonWriter writer, ContentPart part)
    {
        switch (part)
        {
            case ContentPart.Text { Value: var text }:
                if (text.Length > 0) WriteText(writer, text);
                break;
            case ContentPart.Refusal { Value: var refusal }: WriteText(writer, refusal); break;
            case ContentPart.Image { Url: { } url }: WriteImage(writer, url); break;
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

    private static void WriteImage(Utf8JsonWriter writer, string url)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image"u8);
        writer.WriteStartObject("source"u8);
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (url.StartsWith("data:", StringComparison.Ordinal) && comma > 0)
        {
            writer.WriteString("type"u8, "base64"u8);
            writer.WriteString("media_type"u8, url["data:".Length..comma].Split(';')[0]);
            writer.WriteString("data"u8, url[(comma + 1)..]);
        }
        else
        {
            writer.WriteString("type"u8, "url"u8);
            writer.WriteString("url"u8, url);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
