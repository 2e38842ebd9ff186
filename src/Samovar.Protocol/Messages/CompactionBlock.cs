using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>A compaction as the Messages API has it: what it says, and beside it the seal of what it stands for.</summary>
/// <remarks>One that was made here counts by its seal when it comes back. A provider's own is carried, as its other blocks are.</remarks>
internal static class CompactionBlock
{
    private const string Kind = "compaction";

    /// <summary>The item of a block that a Samovar has sealed; null for another one.</summary>
    public static Item? ItemOf(string kind, RawJson block) =>
        kind == Kind && block.Text("encrypted_content"u8) is { } content && CompactionItem.HasMark(content)
            ? ItemReader.Read(JsonBuffer.Bytes(content, static (writer, content) =>
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, Kind);
                writer.WriteString("encrypted_content"u8, content);
                writer.WriteEndObject();
            }), ProtocolLimits.None) : null;

    public static void Write(Utf8JsonWriter writer, CompactionItem item) => Write(writer, Kind, item, item.Json.Text("summary"u8));

    /// <summary>The block as it begins in a stream: its words follow.</summary>
    public static void WriteStart(Utf8JsonWriter writer, CompactionItem item) => Write(writer, Kind, item, said: null);

    /// <summary>All of its words at once. The seal is said again: some clients keep the one of the beginning, some this.</summary>
    public static void WriteDelta(Utf8JsonWriter writer, CompactionItem item) =>
        Write(writer, Kind + "_delta", item, item.Json.Text("summary"u8));

    private static void Write(Utf8JsonWriter writer, string type, CompactionItem item, string? said)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteString("content"u8, said);
        writer.WriteString("encrypted_content"u8, item.EncryptedContent);
        writer.WriteEndObject();
    }
}
