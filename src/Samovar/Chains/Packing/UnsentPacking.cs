using System.Collections.ObjectModel;
using Samovar.Protocol.Items;

namespace Samovar.Chains.Packing;

/// <summary>Which items of the chain a client had left out, by their places: what is read again holds the chain's own objects.</summary>
internal static class UnsentPacking
{
    public static void Write(PackWriter to, ChainNode node)
    {
        if (node.Unsent.Count == 0)
        {
            to.Number(0L);
            return;
        }
        var places = Places(node);
        to.Number(places.Count);
        foreach (var (back, isOutput, at) in places)
        {
            to.Number(back);
            to.Flag(isOutput);
            to.Number(at);
        }
    }

    /// <exception cref="InvalidDataException">There is no such place.</exception>
    public static IReadOnlySet<Item> Read(ref PackReader from, ChainNode? parent)
    {
        var count = from.Count();
        if (count == 0) return ReadOnlySet<Item>.Empty;
        var unsent = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        var (node, reached) = (parent, 1);
        for (var i = 0; i < count; i++)
        {
            var (back, isOutput, at) = (from.Count(), from.Flag(), from.Count());
            for (; reached < back; reached++) node = node?.Parent;
            var items = isOutput ? node?.Output : node?.Input;
            if (reached != back || items is null || at >= items.Count) throw new InvalidDataException("an item of its chain is missing");
            unsent.Add(items[at]);
        }
        return unsent;
    }

    /// <summary>From the newest response backwards, as far as there are any; by their places in the chain as it is stored.</summary>
    private static List<(int Back, bool IsOutput, int At)> Places(ChainNode node)
    {
        var places = new List<(int, bool, int)>(node.Unsent.Count);
        var back = 1;
        for (var before = node.Parent; before is not null && places.Count < node.Unsent.Count; before = before.Parent, back++)
        {
            Add(before.Output, isOutput: true, before.OutputStart);
            if (!before.IsOpened) Add(before.Input, isOutput: false, start: 0); // else it is a compaction's
        }
        return places;

        void Add(IReadOnlyList<Item> items, bool isOutput, int start)
        {
            for (var at = 0; at < items.Count; at++)
                if (node.Unsent.Contains(items[at])) places.Add((back, isOutput, start + at));
        }
    }
}
