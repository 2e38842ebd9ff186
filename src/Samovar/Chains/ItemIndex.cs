using System.Runtime.InteropServices;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>Items by tenant and id. Clients resend items under their ids, so several responses may hold one id: the newest is found
/// first.</summary>
internal sealed class ItemIndex
{
    private readonly Dictionary<(TenantId, string), ItemPlace> _newest = [];

    /// <summary>Where items of that id stand, the newest first; null where none does.</summary>
    public ItemPlace? Find(TenantId tenant, string id) => _newest.GetValueOrDefault((tenant, id));

    /// <summary>The places of those that have an id, for <see cref="Remove"/>, in front of others of the same response.</summary>
    public ItemPlace? Add(ChainNode node, IReadOnlyList<Item> items, ItemPlace? others)
    {
        var tenant = node.Tenant;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Id is not { } id) continue;
            ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, (tenant, id), out _);
            var place = new ItemPlace(node, items[i], others) { Older = newest };
            if (newest is not null) newest.Newer = place;
            newest = others = place;
        }
        return others;
    }

    public void Remove(TenantId tenant, ItemPlace? places)
    {
        for (var place = places; place is not null; place = place.Next)
        {
            if (place.Older is { } older) older.Newer = place.Newer;
            if (place.Newer is { } newer) newer.Older = place.Older;
            else if (place.Older is { } before) _newest[(tenant, place.Item.Id!)] = before;
            else _newest.Remove((tenant, place.Item.Id!));
        }
    }
}

/// <summary>Where an item stands among those of the same id.</summary>
/// <param name="node">The response that has it.</param>
/// <param name="item">The item.</param>
/// <param name="next">The place of another item of the same response.</param>
internal sealed class ItemPlace(ChainNode node, Item item, ItemPlace? next)
{
    public ChainNode Node => node;
    public Item Item { get; } = item;
    public ItemPlace? Next { get; } = next;
    public ItemPlace? Older { get; set; }
    public ItemPlace? Newer { get; set; }
}
