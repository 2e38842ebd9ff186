using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Backends.Upstream.Bodies;

/// <summary>One item of a whole context.</summary>
/// <param name="IsForeign">Another destination made it: what only that one can read of it is of no use here.</param>
internal readonly record struct ContextItem(Item Item, bool IsForeign);

/// <summary>Walks a whole context, for a body that has to hold all of it.</summary>
internal static class ContextItems
{
    public static IEnumerable<ContextItem> All(TurnContext context, string destination)
    {
        foreach (var node in Nodes(context))
        {
            var isForeign = (node.State as UpstreamState)?.Destination != destination;
            foreach (var item in node.Input) yield return new ContextItem(item, IsForeign: false);
            foreach (var item in node.Output) yield return new ContextItem(item, isForeign);
        }
        foreach (var item in context.Input) yield return new ContextItem(item, IsForeign: false);
    }

    /// <summary>The responses before this turn, the oldest first.</summary>
    public static IEnumerable<ChainNode> Nodes(TurnContext context)
    {
        var nodes = new Stack<ChainNode>();
        for (var node = context.Parent; node is not null; node = node.Parent) nodes.Push(node);
        return nodes;
    }
}
