using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>JSON → <see cref="Item"/>. The item keeps a slice of the memory it was read from.</summary>
public static class ItemReader
{
    /// <summary>Reads one item. Throws <see cref="ApiException"/> where it is broken or a known kind lacks what it needs.</summary>
    public static Item Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            var json = new JsonCursor(utf8, limits);
            json.Read();
            var item = Read(ref json);
            json.ReadEnd();
            return item;
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
    }

    /// <summary>Reads an upstream's item: one that does not have the shape of its kind is kept whole as unknown. Throws only where it is
    /// no JSON object.</summary>
    public static Item ReadOrKeep(RawJson item, ProtocolLimits limits)
    {
        try
        {
            return Read(item.Utf8, limits.Unchecked);
        }
        catch (ApiException odd) when (odd.Param is not null && item.Utf8.Span[0] == (byte)'{')
        {
            var whole = item.Mended();
            return new UnknownItem(whole.Text("type"u8) ?? "") { Json = whole };
        }
    }

    /// <summary>Starts on the item's first token; ends on its last.</summary>
    internal static Item Read(ref JsonCursor json)
    {
        var start = json.Start;
        var kind = ItemKind.Of(TypeOf(ref json));
        var draft = new ItemDraft();
        json.Object(kind.Fields, draft);
        return kind.Build(draft, json.Since(start), ref json);
    }

    /// <summary>A message may come without <c>type</c>, and so may a reference, which then has nothing but an id.</summary>
    private static string TypeOf(ref JsonCursor json)
    {
        if (json.Peek("type", "type"u8) is { } type) return type;
        if (json.Has("role"u8) || json.Has("content"u8)) return "message";
        if (json.Has("id"u8)) return "item_reference";
        throw json.Missing("type");
    }
}
