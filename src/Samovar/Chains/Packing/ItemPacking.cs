using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Stores;

namespace Samovar.Chains.Packing;

/// <summary>
/// A response's own items as bytes: their lengths in the head, their JSON as it came behind it. Long ones at a conversation's start,
/// which other conversations may have as well, are pieces.
/// </summary>
internal static class ItemPacking
{
    private const int PieceBit = 1;

    /// <summary>Writes where the items are.</summary>
    public static void Write(PackWriter to, StoredPieces pieces, ChainNode node)
    {
        var isStartup = node.Parent is null;
        to.Number(node.Input.Count);
        foreach (var item in node.Input)
        {
            isStartup = isStartup && IsOfStartup(item);
            if (IsPiece(item, isStartup)) to.Number(((long)pieces.Add(item.Json.Utf8.Span) << 1) | PieceBit);
            else to.Number((long)item.Json.Utf8.Length << 1);
        }
        to.Number(node.Output.Count);
        foreach (var item in node.Output) to.Number((long)item.Json.Utf8.Length << 1);
    }

    /// <summary>Writes the items themselves, but for those that are pieces.</summary>
    public static void WriteJson(PackWriter to, ChainNode node)
    {
        var isStartup = node.Parent is null;
        foreach (var item in node.Input)
        {
            isStartup = isStartup && IsOfStartup(item);
            if (!IsPiece(item, isStartup)) to.Plain(item.Json.Utf8.Span);
        }
        foreach (var item in node.Output) to.Plain(item.Json.Utf8.Span);
    }

    /// <summary>Reads one list's places, and the items from where they are.</summary>
    /// <param name="from">The head.</param>
    /// <param name="json">The items' JSON, which they keep slices of.</param>
    /// <param name="at">Where the next one begins in it.</param>
    /// <param name="pieces">Beside the body.</param>
    public static IReadOnlyList<Item> Read(
        ref PackReader from, ReadOnlyMemory<byte> json, ref int at, IReadOnlyList<ContentPiece> pieces)
    {
        var count = from.Entries();
        if (count == 0) return [];
        var items = new Item[count];
        for (var i = 0; i < count; i++)
        {
            var place = from.Count();
            if ((place & PieceBit) != 0) items[i] = Read(StoredPieces.Read(pieces, place >> 1));
            else
            {
                items[i] = Read(json, at, place >> 1);
                at += place >> 1;
            }
        }
        return items;
    }

    /// <summary>Reads one item from where it is.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public static Item Read(ReadOnlyMemory<byte> json, int at, int length) =>
        length <= json.Length - at ? Read(json.Slice(at, length)) : throw new InvalidDataException("its items end too early");

    private static Item Read(ReadOnlyMemory<byte> utf8) => ItemReader.ReadOrKeep(new RawJson(utf8), ProtocolLimits.None);

    private static bool IsPiece(Item item, bool isStartup) => isStartup && item.Json.Utf8.Length >= StoredPieces.BytesMin;

    private static bool IsOfStartup(Item item) =>
        item is AdditionalToolsItem or MessageItem { Role: Role.System or Role.Developer or Role.User };
}
