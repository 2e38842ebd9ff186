using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Conversations;

/// <summary>The items of a chain, each under an id of its own.</summary>
internal static class ConversationItems
{
    /// <summary>From the chain's start; what came without an id has one by its place, and the first of several keeps theirs.</summary>
    public static List<(Item Item, string Id)> Of(ChainNode? head)
    {
        var items = new List<(Item, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var chain = new Stack<ChainNode>();
        for (var node = head; node is not null; node = node.Parent) chain.Push(node);
        foreach (var node in chain)
        {
            var index = 0;
            foreach (var item in node.Shown.Concat(node.Output))
            {
                var place = index++;
                if (node.Unsent.Contains(item)) continue;
                var id = item.Id is { } own && seen.Add(own) ? own : ItemNames.ByPlace(item, node.Id.Value, place);
                seen.Add(id);
                items.Add((item, id));
            }
        }
        return items;
    }
}
