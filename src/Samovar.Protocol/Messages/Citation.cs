using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// A citation of the Messages API as an annotation of the Responses API: what such clients know of it, and beside that the provider's own
/// words, byte for byte, which go back to clients and providers of the Messages API.
/// </summary>
internal static class Citation
{
    private static ReadOnlySpan<byte> Own => "messages_citation"u8;
    private static ReadOnlySpan<byte> Mark => "\"messages_citation\""u8;

    /// <param name="citation">An object.</param>
    /// <param name="start">Where the text that rests on it begins in its part.</param>
    /// <param name="end">Where it ends.</param>
    public static RawJson Annotation(RawJson citation, int start, int end) =>
        new(JsonBuffer.Bytes((citation, start, end), static (writer, it) =>
        {
            writer.WriteStartObject();
            if (UrlOf(it.citation) is { } url) WriteUrl(writer, url, it.citation.Text("title"u8), it.start, it.end);
            else WriteFile(writer, it.citation, it.end);
            writer.WritePropertyName(Own);
            it.citation.WriteTo(writer);
            writer.WriteEndObject();
        }));

    /// <summary>The citation that an annotation was made of; empty for others.</summary>
    public static RawJson Of(RawJson annotation) =>
        annotation.Utf8.Span.IndexOf(Mark) >= 0 && annotation.OwnField(Own) is { IsObject: true } citation ? citation : default;

    /// <summary>The parts of a message that rest on citations, each with them, by their places; null where none does.</summary>
    public static IReadOnlyList<IReadOnlyList<RawJson>>? OfParts(Item message)
    {
        if (message.Json.Utf8.Span.IndexOf(Mark) < 0) return null;
        var parts = message.Json.OwnField("content"u8);
        return parts.IsArray ? [.. parts.ElementsOrSelf().Select(OfPart)] : null;
    }

    /// <summary>The same message without those annotations, for upstreams that know nothing of them.</summary>
    public static MessageItem Without(MessageItem message) => message.Json.Utf8.Span.IndexOf(Mark) < 0 ? message
        : message with { Json = PartRewrite.Of(message.Json, "content", WritePartWithout) };

    /// <summary>What a text rests on that a client of the Messages API sends: a JSON array of annotations, empty for none.</summary>
    public static RawJson Annotations(RawJson citations, int length)
    {
        var all = citations.IsArray ? citations.ElementsOrSelf().Where(static citation => citation.IsObject).ToList() : [];
        return all.Count == 0 ? default : new(JsonBuffer.Bytes((all, length), static (writer, it) =>
        {
            writer.WriteStartArray();
            foreach (var citation in it.all) Annotation(citation, 0, it.length).WriteTo(writer);
            writer.WriteEndArray();
        }));
    }

    private static IReadOnlyList<RawJson> OfPart(RawJson part) =>
        [.. part.OwnField("annotations"u8).ElementsOrSelf().Select(Of).Where(static citation => !citation.IsEmpty)];

    private static void WritePartWithout(Utf8JsonWriter writer, RawJson part)
    {
        if (!part.IsObject || part.Utf8.Span.IndexOf(Mark) < 0) part.WriteTo(writer);
        else PartRewrite.WriteWith(writer, part, "annotations", static (to, annotations) =>
            PartRewrite.WriteList(to, annotations, WriteOther));
    }

    private static void WriteOther(Utf8JsonWriter writer, RawJson annotation)
    {
        if (Of(annotation).IsEmpty) annotation.WriteTo(writer);
    }

    /// <summary>Where the cited text stands in the web; null for one of a document.</summary>
    private static string? UrlOf(RawJson citation) => citation.Text("type"u8) switch
    {
        "web_search_result_location" => citation.Text("url"u8),
        "search_result_location" when citation.Text("source"u8) is { } source && IsUrl(source) => source,
        _ => null,
    };

    private static bool IsUrl(string source) => source.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static void WriteUrl(Utf8JsonWriter writer, string url, string? title, int start, int end)
    {
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteNumber("start_index"u8, start);
        writer.WriteNumber("end_index"u8, end);
        writer.WriteString("url"u8, url);
        writer.WriteString("title"u8, title ?? "");
    }

    private static void WriteFile(Utf8JsonWriter writer, RawJson citation, int end)
    {
        writer.WriteString("type"u8, "file_citation"u8);
        writer.WriteString("file_id"u8, citation.Text("file_id"u8) ?? "");
        writer.WriteString("filename"u8, citation.Text("document_title"u8) ?? citation.Text("title"u8) ?? "");
        writer.WriteNumber("index"u8, end);
    }
}
