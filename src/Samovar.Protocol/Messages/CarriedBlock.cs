using System.Text;
using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>
/// Blocks that only a provider of the Messages API can run or read (its own tools and what they found), carried whole as items of a kind of
/// their own: they go back to such a provider as they came, and to other models as text.
/// </summary>
internal static class CarriedBlock
{
    public const string ItemType = "messages_block";
    private static readonly string[] Kinds =
        ["server_tool_use", "mcp_tool_use", "container_upload", "search_result", "compaction", "fallback"];

    /// <summary>Whether a history may have blocks of the kind.</summary>
    public static bool IsKnown(string kind) =>
        Kinds.Contains(kind, StringComparer.Ordinal) || kind.EndsWith("_tool_result", StringComparison.Ordinal);

    /// <summary>The item's JSON: the same block always makes the same bytes, and marks of the client's cache are left out.</summary>
    /// <param name="id">Of an item of a response; null for a client's, which has none.</param>
    public static RawJson Item(string role, RawJson block, string? id = null) => new(JsonBuffer.Bytes((role, block, id),
        static (writer, item) =>
    {
        writer.WriteStartObject();
        if (item.id is not null) writer.WriteString("id"u8, item.id);
        writer.WriteString("type"u8, ItemType);
        writer.WriteString("role"u8, item.role);
        writer.WritePropertyName("block"u8);
        Copy(writer, item.block, static name => name == "cache_control", input: null);
        writer.WriteEndObject();
    }));

    public static UnknownItem Read(string role, RawJson block) => new(ItemType) { Json = Item(role, block) };

    /// <summary>The same object without marks of the client's cache.</summary>
    public static RawJson Unmarked(RawJson json) => new(JsonBuffer.Bytes(json, static (writer, json) =>
        Copy(writer, json, static name => name == "cache_control", input: null)));

    /// <summary>The block that an item carries; empty for another item.</summary>
    public static RawJson Of(Item item) => item is UnknownItem { Kind: ItemType } ? Field(item.Json, "block"u8) : default;

    /// <summary>Whether both carry the same block of the same speaker, whatever they are called.</summary>
    public static bool AreEqual(Item one, Item other) =>
        Of(one) is { IsEmpty: false } block && Of(other) == block && RoleOf(one) == RoleOf(other);

    /// <summary>Whose block an item carries.</summary>
    public static string RoleOf(Item item) => Field(item.Json, "role"u8).Utf8.Span.SequenceEqual("\"user\""u8) ? "user" : "assistant";

    /// <summary>The block with the input that came behind its beginning.</summary>
    public static RawJson WithInput(RawJson block, string input) =>
        new(JsonBuffer.Bytes((block, input), static (writer, made) => Copy(writer, made.block, static _ => false, made.input)));

    /// <summary>The block with fields that came behind its beginning, in turn: texts are one behind the other, of anything else the last
    /// counts.</summary>
    public static RawJson WithFields(RawJson block, IReadOnlyList<(string Name, RawJson Value)> added)
    {
        var fields = block.Fields().Concat(added).GroupBy(static field => field.Name, StringComparer.Ordinal)
            .Select(static field => (Name: field.Key, Value: Joined([.. field.Select(static one => one.Value)])));
        return new(JsonBuffer.Bytes(fields, static (writer, fields) =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }));
    }

    private static RawJson Joined(IReadOnlyList<RawJson> values)
    {
        if (values.Count == 1 || values[^1].AsPiece() is null) return values[^1];
        var text = Encoding.UTF8.GetBytes(string.Concat(values.Select(static value => value.AsPiece()))); // a character may be cut in two
        return new(JsonBuffer.Bytes(text, static (writer, text) => writer.WriteStringValue(text)));
    }

    /// <summary>What another model can read of it: everything but what is sealed.</summary>
    public static string Text(RawJson block) => Encoding.UTF8.GetString(JsonBuffer.Bytes(block, static (writer, block) =>
        Copy(writer, block, IsSealed, input: null)));

    /// <summary>The item as other backends get it; the same item where it carries no block.</summary>
    public static Item AsMessage(Item item) => Of(item) is { IsEmpty: false } block
        ? InputItems.Message(RoleOf(item) == "user" ? Role.User : Role.Assistant, [new InputPart(new ContentPart.Text(Text(block)))])
        : item;

    private static bool IsSealed(string name) =>
        name is "cache_control" or "signature" || name.StartsWith("encrypted_", StringComparison.Ordinal);

    private static void Copy(Utf8JsonWriter writer, RawJson json, Func<string, bool> isLeftOut, string? input)
    {
        var cursor = new JsonCursor(json.Utf8, ProtocolLimits.None);
        cursor.Read();
        Copy(writer, ref cursor, isLeftOut, input);
    }

    private static void Copy(Utf8JsonWriter writer, ref JsonCursor json, Func<string, bool> isLeftOut, string? input)
    {
        switch (json.Token)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                while (json.NextField())
                {
                    var name = json.Text;
                    json.Read();
                    if (isLeftOut(name) || (input is not null && name == "input"))
                    {
                        json.Skip();
                        continue;
                    }
                    writer.WritePropertyName(name);
                    Copy(writer, ref json, isLeftOut, input: null);
                }
                if (input is not null)
                {
                    writer.WritePropertyName("input"u8);
                    ToolInput.Of(input).WriteTo(writer);
                }
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (json.NextElement()) Copy(writer, ref json, isLeftOut, input: null);
                writer.WriteEndArray();
                break;
            case JsonTokenType.String: writer.WriteStringValue(json.Text); break;
            default: json.Raw().WriteTo(writer); break;
        }
    }

    private static RawJson Field(RawJson json, ReadOnlySpan<byte> name)
    {
        var cursor = new JsonCursor(json.Utf8, ProtocolLimits.None);
        cursor.Read();
        while (cursor.NextField())
        {
            var isIt = cursor.Name.SequenceEqual(name);
            cursor.Read();
            var value = cursor.Raw();
            if (isIt) return value;
        }
        return default;
    }
}
