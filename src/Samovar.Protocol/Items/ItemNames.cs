using System.Globalization;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Names for items that came without an id.</summary>
public static class ItemNames
{
    /// <summary>What the id of a row begins with that has items of a conversation and no response.</summary>
    public const string RowPrefix = "citems_";

    /// <summary>What the id of an item of this kind begins with.</summary>
    public static string PrefixOf(Item item) => item switch
    {
        MessageItem => "msg_",
        FunctionCallItem => "fc_",
        FunctionCallOutputItem => "fco_",
        CustomToolCallItem => "ctc_",
        CustomToolCallOutputItem => "ctco_",
        ReasoningItem => "rs_",
        CompactionItem => "cmp_",
        _ => "item_",
    };

    /// <summary>The id that an item without one has by its place: the same whenever it is asked for.</summary>
    /// <param name="item">The item.</param>
    /// <param name="owner">The id of what has it among its items.</param>
    /// <param name="index">Its place there.</param>
    public static string ByPlace(Item item, string owner, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{PrefixOf(item)}{owner[(owner.LastIndexOf('_') + 1)..]}_{index}");

    /// <summary>What <see cref="ByPlace"/> made an id of; null for an id that it did not make.</summary>
    /// <returns>The owner's id behind its prefix, and the place.</returns>
    public static (string Owner, int Index)? PlaceOf(string id)
    {
        var (begin, end) = (id.IndexOf('_'), id.LastIndexOf('_'));
        return begin < end - 1 && int.TryParse(id.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (id[(begin + 1)..end], index) : null;
    }

    /// <summary>The same item with an id of its own.</summary>
    public static Item Named(Item item, string id)
    {
        if (item.Id == id) return item;
        var json = JsonBuffer.Bytes((item, id), static (writer, named) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, named.id);
            named.item.Json.WriteFields(writer, "id");
            writer.WriteEndObject();
        });
        return ItemReader.ReadOrKeep(new RawJson(json), ProtocolLimits.None);
    }
}
