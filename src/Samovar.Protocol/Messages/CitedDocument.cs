using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// What a document says to providers of the Messages API alone: whether they shall cite it, and what it is about. It stands in a field of
/// its own in the document's part; a document that is text elsewhere stands there whole, for its places are what is cited.
/// </summary>
internal static class CitedDocument
{
    private static ReadOnlySpan<byte> Mark => "\"messages_document\""u8;

    /// <summary>Whether there may be one in it.</summary>
    public static bool IsIn(RawJson json) => json.Utf8.Span.IndexOf(Mark) >= 0;

    /// <summary>What is said of a file; empty where nothing is.</summary>
    public static RawJson OfFile(RawJson citations, string? context) => !citations.IsSet() && context is null ? default
        : new(JsonBuffer.Bytes((citations, context), static (writer, it) =>
        {
            writer.WriteStartObject();
            WriteFields(writer, it.citations, it.context);
            writer.WriteEndObject();
        }));

    /// <summary>A document of text, whole; empty where it is not to be cited, and so is no more than its text.</summary>
    public static RawJson OfText(RawJson citations, RawJson block) =>
        citations.OwnField("enabled"u8).Utf8.Span.SequenceEqual("true"u8) ? CarriedBlock.Unmarked(block) : default;

    /// <summary>What a part has of it; empty where it has nothing.</summary>
    public static RawJson Of(RawJson part) => part.OwnField("messages_document"u8) is { IsObject: true } said ? said : default;

    /// <summary>Whether it is the document itself, and not only what is said of a file.</summary>
    public static bool IsWhole(RawJson said) => said.OwnField("type"u8).Is("document"u8);

    /// <summary>What is said of a file, as fields of its block.</summary>
    public static void WriteFields(Utf8JsonWriter writer, RawJson said) =>
        WriteFields(writer, said.OwnField("citations"u8), said.OwnField("context"u8).AsText());

    /// <summary>The same item without it, for upstreams that know nothing of it.</summary>
    public static Item Without(Item item) => !IsIn(item.Json) ? item : item switch
    {
        MessageItem message => message with { Json = PartRewrite.Of(item.Json, "content", WritePlain) },
        FunctionCallOutputItem output => output with { Json = PartRewrite.Of(item.Json, "output", WritePlain) },
        CustomToolCallOutputItem output => output with { Json = PartRewrite.Of(item.Json, "output", WritePlain) },
        _ => item,
    };

    private static void WritePlain(Utf8JsonWriter writer, RawJson part)
    {
        if (!part.IsObject || !IsIn(part))
        {
            part.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        part.WriteFields(writer, PartTypes.DocumentField);
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, RawJson citations, string? context)
    {
        if (citations.IsObject)
        {
            writer.WritePropertyName("citations"u8);
            citations.WriteTo(writer);
        }
        if (context is not null) writer.WriteString("context"u8, context);
    }
}
