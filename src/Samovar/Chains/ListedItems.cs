using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Chains;

/// <summary>The items of a chain as lists show them, each under an id of its own that is good for a reference, too.</summary>
internal static class ListedItems
{
    /// <summary>From the chain's start; what came without an id has one by its place, and the first of several keeps theirs.</summary>
    public static List<(Item Item, string Id)> Of(ChainNode? head)
    {
        var list = new List();
        list.AddChain(head);
        return list.Entries;
    }

    /// <summary>What a response was made from: the chain before it and its own input.</summary>
    public static List<(Item Item, string Id)> InputOf(ChainNode node)
    {
        var list = new List();
        list.AddChain(node.Parent);
        list.Add(node.Id, node.Shown, node.Unsent);
        return list.Entries;
    }

    /// <summary>What a response is being made from.</summary>
    public static List<(Item Item, string Id)> InputOf(ChainNode? parent, ResponseId id, IReadOnlyList<Item> input)
    {
        var list = new List();
        list.AddChain(parent);
        list.Add(id, input, unsent: null);
        return list.Entries;
    }

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

    private sealed class List
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public List<(Item Item, string Id)> Entries { get; } = [];

        public void AddChain(ChainNode? head)
        {
            var chain = new Stack<ChainNode>();
            for (var node = head; node is not null; node = node.Parent) chain.Push(node);
            foreach (var node in chain) Add(node.Id, node.Shown.Concat(node.Output), node.Unsent);
        }

        public void Add(ResponseId owner, IEnumerable<Item> items, IReadOnlySet<Item>? unsent)
        {
            var index = 0;
            foreach (var item in items)
            {
                var place = index++;
                if (unsent?.Contains(item) == true) continue;
                Entries.Add((item, item.Id is { } own && _seen.Add(own) ? own : ByPlace(item, owner, place)));
            }
        }

        private string ByPlace(Item item, ResponseId owner, int place)
        {
            var id = ItemNames.ByPlace(item, owner.Value, place);
            while (!_seen.Add(id)) id += "_"; // a client gave it to another item
            return id;
        }
    }
}
