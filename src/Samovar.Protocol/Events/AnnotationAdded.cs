using Samovar.Protocol.Json;

namespace Samovar.Protocol.Events;

/// <summary>The event that a text rests on something: a source that it cites.</summary>
internal static class AnnotationAdded
{
    /// <summary>The event's own fields.</summary>
    public static RawJson Json(string itemId, int outputIndex, int contentIndex, int annotationIndex, RawJson annotation) =>
        new(JsonBuffer.Bytes((itemId, outputIndex, contentIndex, annotationIndex, annotation), static (writer, e) =>
        {
            writer.WriteStartObject();
            writer.WriteString("item_id"u8, e.itemId);
            writer.WriteNumber("output_index"u8, e.outputIndex);
            writer.WriteNumber("content_index"u8, e.contentIndex);
            writer.WriteNumber("annotation_index"u8, e.annotationIndex);
            writer.WritePropertyName("annotation"u8);
            e.annotation.WriteTo(writer);
            writer.WriteEndObject();
        }));
}
