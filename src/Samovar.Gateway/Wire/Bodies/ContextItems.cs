using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>One item of a whole context.</summary>
/// <param name="IsForeign">Another destination made it: what only that one can read of it is of no use here.</param>
internal readonly record struct ContextItem(Item Item, bool IsForeign);

/// <summary>Walks a whole context, for a body that has to hold all of it.</summary>
internal static class ContextItems
{
    public static IEnumerable<ContextItem> All(UpstreamCall call)
    {
        foreach (var node in Nodes(call.Turn.Context))
        {
            var isForeign = (node.State as UpstreamState)?.Destination != call.Destination.Name;
            foreach (var item in node.Input) yield return FromClient(item, call);
            foreach (var item in node.Output) yield return new ContextItem(CallRepair.Of(item), isForeign);
        }
        foreach (var item in New(call)) yield return item;
    }

    /// <summary>What this turn brings.</summary>
    public static IEnumerable<ContextItem> New(UpstreamCall call)
    {
        var input = call.Turn.Context.Input;
        for (var i = 0; i < input.Count; i++) yield return FromClient(input[i], call);
    }

    private static ContextItem FromClient(Item item, UpstreamCall call) =>
        new(CallRepair.Of(item), call.MakerOf(item) is { } maker && maker != call.Destination.Name);

    /// <summary>What one can read of another kind of upstream's output; what a compaction stands for is still in the chain.</summary>
    public static IEnumerable<Item> Readable(IEnumerable<Item> output) => output.Where(item => item is not CompactionItem);

    /// <summary>The responses before this turn, the oldest first.</summary>
    public static IEnumerable<ChainNode> Nodes(TurnContext context)
    {
        var nodes = new Stack<ChainNode>();
        for (var node = context.Parent; node is not null; node = node.Parent) nodes.Push(node);
        return nodes;
    }
}
