using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>The items of a chain as lists show them, each under an id of its own that is good for a reference, too.</summary>
internal static class ListedItems
{
    /// <summary>From the chain's start; what came without an id has one by its place, and the first of several keeps theirs.</summary>
    public static List<(Item Item, string Id)> Of(ChainNode? head) => Of(head, head?.Output ?? []);

    /// <summary>What a response was made from: the chain before it and its own input.</summary>
    public static List<(Item Item, string Id)> InputOf(ChainNode node) => Of(node, []);

    /// <summary>A stored item by an id of its own or by the one that it is listed under. Null for an unknown one.</summary>
    public static async ValueTask<Item?> FindAsync(IChainStore store, TenantId tenant, string itemId, CancellationToken caller)
    {
        if (await store.FindItemAsync(tenant, itemId, caller) is { } item) return item;
        if (ItemNames.PlaceOf(itemId) is not var (owner, index)) return null;
        var node = await store.FindAsync(tenant, new ResponseId(ResponseId.Prefix + owner), caller);
        if (node is null || index >= node.Shown.Count) return null;
        var placed = node.Shown[index];
        return !node.Unsent.Contains(placed) && ItemNames.ByPlace(placed, node.Id.Value, index) == itemId
            ? ItemNames.Named(placed, itemId) : null;
    }

    private static List<(Item Item, string Id)> Of(ChainNode? head, IReadOnlyList<Item> newestOutput)
    {
        var items = new List<(Item, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var chain = new Stack<ChainNode>();
        for (var node = head; node is not null; node = node.Parent) chain.Push(node);
        foreach (var node in chain)
        {
            var index = 0;
            foreach (var item in node.Shown.Concat(node == head ? newestOutput : node.Output))
            {
                var place = index++;
                if (node.Unsent.Contains(item)) continue;
                items.Add((item, item.Id is { } own && seen.Add(own) ? own : ByPlace(item, node, place)));
            }
        }
        return items;

        string ByPlace(Item item, ChainNode owner, int place)
        {
            var id = ItemNames.ByPlace(item, owner.Id.Value, place);
            while (!seen.Add(id)) id += "_"; // a client gave it to another item
            return id;
        }
    }
}
