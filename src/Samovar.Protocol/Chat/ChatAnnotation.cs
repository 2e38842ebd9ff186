using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Chat;

/// <summary>A page of the web that a text rests on: in chat completions its fields stand one level deeper than in items.</summary>
internal static class ChatAnnotation
{
    private const string Kind = "url_citation";
    private static readonly string[] Known = ["type", "start_index", "end_index", "url", "title"];

    /// <summary>As items have it; empty for what is no such page. Fields that only the provider knows stay.</summary>
    public static RawJson Flat(RawJson annotation)
    {
        if (annotation.Field("type"u8) is { IsEmpty: false } type && !type.Is(Kind)) return default;
        var page = annotation.Field("url_citation"u8) is { IsObject: true } inner ? inner : annotation;
        if (page.Text("url"u8) is not { } url) return default;
        return new(JsonBuffer.Bytes((page, url), static (writer, it) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, Kind);
            WritePage(writer, it.page, it.url, offset: 0);
            it.page.WriteFields(writer, [.. Known, Kind]);
            writer.WriteEndObject();
        }));
    }

    /// <summary>An item's annotation as chat completions have it; empty for what is no page.</summary>
    /// <param name="offset">Where the part begins that it belongs to, in the message's whole text.</param>
    public static RawJson Of(RawJson annotation, int offset)
    {
        if (!annotation.OwnField("type"u8).Is(Kind) || annotation.OwnField("url"u8).AsText() is not { } url) return default;
        return new(JsonBuffer.Bytes((annotation, url, offset), static (writer, it) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, Kind);
            writer.WriteStartObject(Kind);
            WritePage(writer, it.annotation, it.url, it.offset);
            it.annotation.WriteFields(writer, [.. Known, "messages_citation"]);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }));
    }

    /// <summary>The field <c>annotations</c>.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<RawJson> annotations)
    {
        writer.WriteStartArray("annotations"u8);
        foreach (var annotation in annotations) annotation.WriteTo(writer);
        writer.WriteEndArray();
    }

    private static void WritePage(Utf8JsonWriter writer, RawJson page, string url, int offset)
    {
        writer.WriteNumber("start_index"u8, offset + Index(page.OwnField("start_index"u8)));
        writer.WriteNumber("end_index"u8, offset + Index(page.OwnField("end_index"u8)));
        writer.WriteString("url"u8, url);
        writer.WriteString("title"u8, page.OwnField("title"u8).AsText() ?? "");
    }

    private static long Index(RawJson index) => Math.Max(0, index.AsNumber() ?? 0);
}
