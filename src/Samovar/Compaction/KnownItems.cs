using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Items that are found by what they say, each at most once.</summary>
internal sealed class KnownItems
{
    private const int ComparedMax = 16; // of those that seem to say the same: a client may have thousands that differ in a field alone
    private readonly Dictionary<ContentHash, List<int>> _places = []; // ascending, of those that are not taken

    public KnownItems(IReadOnlyList<Item> items)
    {
        Items = items;
        for (var at = 0; at < items.Count; at++)
        {
            var hash = HashOf(items[at]);
            if (!_places.TryGetValue(hash, out var places)) _places[hash] = places = [];
            places.Add(at);
        }
    }

    public IReadOnlyList<Item> Items { get; }

    /// <summary>The place of the first that says the same and was not taken, which it is now; null where there is none.</summary>
    public int? TakeFirst(Item item) => Take(item, isFirst: true);

    /// <summary>The place of the last.</summary>
    public int? TakeLast(Item item) => Take(item, isFirst: false);

    private int? Take(Item item, bool isFirst)
    {
        if (!_places.TryGetValue(HashOf(item), out var places)) return null;
        for (var compared = 0; compared < Math.Min(places.Count, ComparedMax); compared++)
        {
            var at = isFirst ? compared : places.Count - 1 - compared;
            if (!ItemContent.AreEqual(Items[places[at]], item)) continue;
            var place = places[at];
            places.RemoveAt(at);
            return place;
        }
        return null;
    }

    private static ContentHash HashOf(Item item)
    {
        using var walk = new ContentWalk(ContentHash.Start);
        return walk.Add(item);
    }
}
