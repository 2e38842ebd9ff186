using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>
/// What the maker of a call said beside it and needs to get back with it: <c>extra_content</c>, in which Gemini signs its thoughts. It
/// means nothing to anybody else.
/// </summary>
internal static class CallExtra
{
    public const string Field = "extra_content";

    public static bool Has(Item item) => item is FunctionCallItem { HasExtra: true } or CustomToolCallItem { HasExtra: true };

    /// <summary>Empty for an item that has none.</summary>
    public static RawJson Of(Item item) => Has(item) ? item.Json.OwnField("extra_content"u8) : default;

    /// <summary>The call with what its maker said; the item itself where that is nothing.</summary>
    public static Item With(Item item, RawJson extra) => extra.IsEmpty ? item : item switch
    {
        FunctionCallItem call => call with { HasExtra = true, Json = Written(call.Json, extra) },
        CustomToolCallItem call => call with { HasExtra = true, Json = Written(call.Json, extra) },
        _ => item,
    };

    /// <summary>The item as those get it who did not make it.</summary>
    public static Item Without(Item item) => item switch
    {
        FunctionCallItem { HasExtra: true } call => call with { HasExtra = false, Json = Written(call.Json, default) },
        CustomToolCallItem { HasExtra: true } call => call with { HasExtra = false, Json = Written(call.Json, default) },
        _ => item,
    };

    /// <summary>The field; nothing where there is none.</summary>
    public static void Write(Utf8JsonWriter writer, RawJson extra)
    {
        if (extra.IsEmpty) return;
        writer.WritePropertyName(Field);
        extra.WriteTo(writer);
    }

    private static RawJson Written(RawJson call, RawJson extra) => new(JsonBuffer.Bytes((call, extra), static (writer, item) =>
    {
        writer.WriteStartObject();
        item.call.WriteFields(writer, Field);
        Write(writer, item.extra);
        writer.WriteEndObject();
    }));
}
