using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>One item of a whole context.</summary>
/// <param name="IsForeign">Another destination made it: what only that one can read of it is of no use here.</param>
/// <param name="IsStored">Whether this destination may have stored it, so that its id alone says what it is.</param>
/// <param name="IsOwn">Whether this destination made it: it takes it back as it is.</param>
internal readonly record struct ContextItem(Item Item, bool IsForeign, bool IsStored = false, bool IsOwn = false);

/// <summary>Walks a whole context, for a body that has to hold all of it.</summary>
internal static class ContextItems
{
    public static IEnumerable<ContextItem> All(UpstreamCall call)
    {
        IReadOnlyList<Item> open = [];
        var takesPending = call.Destination.Dialect.AsyncTools;
        foreach (var node in Nodes(call.Turn.Context))
        {
            var here = node.State is UpstreamState state && state.Destination == call.Destination.Name ? state : null;
            var (isForeign, isStored) = (here is null, here?.IsStored == true);
            (var items, open) = CallRounds.Settle(node.Input, open, IsAnswered(node), keepsOrder: true, takesPending);
            foreach (var item in items) yield return FromClient(item, call, isStored);
            (items, open) = CallRounds.Settle(node.Output, open, isClosed: false, keepsOrder: true, takesPending);
            foreach (var item in items) yield return new ContextItem(CallRepair.Of(item), isForeign, isStored, IsOwn: !isForeign);
        }
        foreach (var item in New(call, open)) yield return item;
    }

    /// <summary>What this turn brings, and results for the calls before it that it does not answer.</summary>
    public static IEnumerable<ContextItem> New(UpstreamCall call) => New(call, OpenBehind(call.Turn.Context.Parent));

    private static IEnumerable<ContextItem> New(UpstreamCall call, IReadOnlyList<Item> open) =>
        CallRounds.Settle(call.Turn.Context.Input, open, !call.Turn.Request.MakesNoWords, true, call.Destination.Dialect.AsyncTools).Items
            .Select(item => FromClient(item, call, call.IsStored));

    /// <summary>A response's items as upstreams take them whose history is one of messages.</summary>
    public static SettledItems Settled(ChainNode node, IReadOnlyList<Item> open) => Settled(node, node.Input, node.Output, open);

    /// <summary>The same with the items that the model sees of it.</summary>
    public static SettledItems Settled(ChainNode node, IReadOnlyList<Item> brought, IReadOnlyList<Item> said, IReadOnlyList<Item> open)
    {
        var input = CallRounds.Settle(brought, open, IsAnswered(node));
        var output = CallRounds.Settle([.. Readable(said)], input.Open, isClosed: false);
        return new SettledItems([.. input.Items, .. output.Items], output.Open);
    }

    /// <summary>Calls that the chain leaves open: those of its last response, and of the warm-ups behind it.</summary>
    private static IReadOnlyList<Item> OpenBehind(ChainNode? parent)
    {
        var nodes = new Stack<ChainNode>();
        for (var node = parent; node is not null; node = IsAnswered(node) ? null : node.Parent) nodes.Push(node);
        IReadOnlyList<Item> open = [];
        foreach (var node in nodes)
        {
            open = IsAnswered(node) ? [] : CallRounds.Settle(node.Input, open, isClosed: false, keepsOrder: true).Open;
            open = CallRounds.Settle(node.Output, open, isClosed: false, keepsOrder: true).Open;
        }
        return open;
    }

    /// <summary>Whether the model spoke, so that nothing could answer a call before it any more.</summary>
    private static bool IsAnswered(ChainNode node) => !node.Response.Request.MakesNoWords;

    /// <param name="isStored">Whether the destination stores the response that takes it: of what it stored before, a client may send the
    /// id alone.</param>
    private static ContextItem FromClient(Item item, UpstreamCall call, bool isStored)
    {
        var maker = call.MakerOf(item);
        var isOwn = maker == call.Destination.Name;
        return new ContextItem(CallRepair.Of(item), IsForeign: maker is not null && !isOwn, isStored, isOwn);
    }

    /// <summary>Whether a call of this id is one that the destination itself made in the chain.</summary>
    public static bool IsOwnCall(UpstreamCall call, string callId) => Nodes(call.Turn.Context).Any(node =>
        node.State is UpstreamState state && state.Destination == call.Destination.Name
        && node.Output.Any(item => item is IToolCall made && made.CallId == callId));

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
