using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>
/// Finds the compaction item that a turn's history begins behind: what came before it is in there and nowhere else, so whoever cannot open
/// it must not answer as if there had been nothing.
/// </summary>
/// <remarks>
/// Only items that clients brought count. What a chain has compacted on its way still stands before the compaction, in the chain.
/// </remarks>
internal static class SealedHistory
{
    /// <summary>Where the request has it, or names what has it; null where all of the history can be read.</summary>
    /// <param name="context">The turn's items.</param>
    /// <param name="isReadable">Whether a response and all before it are known to have none, so that the search ends there.</param>
    public static string? Param(TurnContext context, Func<ChainNode, bool> isReadable)
    {
        if (At(context.Input) is { } at)
            return context.SealParamOf(at);
        for (var node = context.Parent; node is not null && !isReadable(node); node = node.Parent)
            if (At(node.Input) is not null) return context.IsMatched ? "input" : "previous_response_id";
        return null;
    }

    private static int? At(IReadOnlyList<Item> items)
    {
        for (var i = 0; i < items.Count; i++)
            if (items[i] is CompactionItem) return i;
        return null;
    }
}
