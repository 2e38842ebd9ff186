using Samovar.Chains;
using Samovar.Context;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>A whole context as messages. Those of a finished response are made once and kept as long as it is.</summary>
internal static class MessageHistory
{
    public static IReadOnlyList<MessageRun> For(TurnContext context, ToolNames tools)
    {
        var (runs, ids, before) = (new List<MessageRun>(), new CallIds(), new MessageRun([], [], IsLeading: true, [], []));
        foreach (var node in ContextItems.Nodes(context)) runs.Add(before = Of(node, tools, ids, before));
        var settled = CallRounds.Settle(context.Input, before.Open, isClosed: true);
        settled = settled with { SpokenAt = settled.Items.Count };
        runs.Add(MessageRun.Of(settled, tools, ids, before.IsLeading, hasBreakpoint: true));
        return runs;
    }

    /// <remarks>What comes before a node never changes, and so neither whether it leads nor the ids of its calls, nor which are
    /// open.</remarks>
    private static MessageRun Of(ChainNode node, ToolNames tools, CallIds ids, MessageRun before)
    {
        var isMade = false;
        var run = tools.HasClashes ? Made() : UpstreamState.Written(node, "messages", Made);
        if (!isMade) ids.Note(run.Calls, before.Open, run.Open);
        return run;

        MessageRun Made()
        {
            isMade = true;
            return MessageRun.Of(ContextItems.Settled(node, before.Open), tools, ids, before.IsLeading, hasBreakpoint: false);
        }
    }
}
