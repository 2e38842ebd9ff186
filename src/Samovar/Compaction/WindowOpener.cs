using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Puts what a compaction stands for into its place, so that whoever renders a conversation never meets one of ours.</summary>
/// <remarks>
/// <para>
/// A compaction that a response made stands for all before it: the chain begins there anew. One that a client brought stands for the
/// history that the client no longer has; of what is before it, messages of the user and instructions count, each once.
/// </para>
/// <para>
/// A chain is opened by the first turn behind its compaction, at the cost of the window; the response that this turn leaves stands on the
/// opened chain, and those behind it find nothing to open.
/// </para>
/// </remarks>
internal sealed class WindowOpener(CompactionSeals seals)
{
    private const int ItemBytes = 1024; // an item's objects
    private const int TextFactor = 3; // its bytes and the text read of them

    /// <summary>The chain as a turn continues it: from its newest compaction on.</summary>
    public ChainNode? Opened(TenantId tenant, ChainNode? parent)
    {
        if (parent is null || (parent.HasSeal ? parent : parent.SealedAt) is not { } at) return parent;
        var later = new Stack<ChainNode>();
        for (var node = parent; node != at; node = node.Parent!) later.Push(node);
        if (OpenNode(tenant, at) is not { } opened) return parent;
        foreach (var node in later) opened = node.On(opened);
        return opened;
    }

    /// <summary>The turn's items with the compaction opened that its client brought; the same where it brought none of ours.</summary>
    public TurnContext Opened(TenantId tenant, TurnContext context)
    {
        var at = Last(context.Input);
        if (at < 0) return context;
        var items = OpenInput(tenant, context.Parent, context.Input, at, context.SealParamOf(at));
        return new TurnContext(null, items) { IsOpened = true };
    }

    /// <summary>What a client has of a conversation that a response has compacted: the user's messages, and the compaction.</summary>
    public IReadOnlyList<Item> ShownAfter(ChainNode compacted)
    {
        if (OpenNode(compacted.Tenant, compacted) is { } opened) return opened.Shown;
        var sent = new TurnContext(compacted.Parent, compacted.Input).ShownItems();
        return [.. sent.Where(static item => item is MessageItem { Role: Role.User }), .. compacted.Output]; // an upstream's
    }

    private ChainNode? OpenNode(TenantId tenant, ChainNode node)
    {
        var at = Last(node.Output);
        if (at < 0)
        {
            var brought = Last(node.Input);
            if (brought < 0) return null; // sealed with a key that is not here
            var items = OpenInput(tenant, node.Parent, node.Input, brought, "previous_response_id");
            return node.Opened(items, Shown(node), node.Output, BytesOf(items));
        }
        var seal = (CompactionItem)node.Output[at];
        var window = seals.Open(tenant, seal, "previous_response_id");
        return node.Opened([.. window.Items], [.. window.UserMessages, seal], [.. node.Output.Skip(at + 1)], BytesOf(window.Items));
    }

    private List<Item> OpenInput(TenantId tenant, ChainNode? parent, IReadOnlyList<Item> input, int at, string param)
    {
        var window = seals.Open(tenant, (CompactionItem)input[at], param);
        IEnumerable<Item> before = [.. new TurnContext(parent, []).AllItems(), .. input.Take(at)];
        return [.. WindowMerge.Of([.. before.Where(item => !seals.Knows(item))], window), .. input.Skip(at + 1)];
    }

    /// <summary>What the client has: what was before it in the chain, too.</summary>
    private static IReadOnlyList<Item> Shown(ChainNode node) =>
        node.Parent is null ? node.Input : [.. new TurnContext(node.Parent, node.Input).ShownItems()];

    private int Last(IReadOnlyList<Item> items)
    {
        for (var at = items.Count - 1; at >= 0; at--)
            if (items[at] is CompactionItem) return seals.Knows(items[at]) ? at : -1; // a newer one of somebody else stands for ours, too
        return -1;
    }

    private static long BytesOf(IEnumerable<Item> items) => items.Sum(static item => ItemBytes + TextFactor * (long)item.Json.Utf8.Length);
}
