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
        var (runs, ids, isLeading) = (new List<MessageRun>(), new CallIds(), true);
        foreach (var node in ContextItems.Nodes(context))
        {
            var run = Of(node, tools, ids, isLeading);
            runs.Add(run);
            isLeading = run.IsLeading;
        }
        runs.Add(MessageRun.Of(context.Input, tools, ids, isLeading, hasBreakpoint: true));
        return runs;
    }

    /// <remarks>What comes before a node never changes, and so neither whether it leads nor the ids of its calls.</remarks>
    private static MessageRun Of(ChainNode node, ToolNames tools, CallIds ids, bool isLeading)
    {
        var isMade = false;
        var run = tools.HasClashes ? Made() : UpstreamState.Written(node, "messages", Made);
        if (!isMade) ids.Note(run.Calls);
        return run;

        MessageRun Made()
        {
            isMade = true;
            return MessageRun.Of(node.Input.Concat(ContextItems.Readable(node.Output)), tools, ids, isLeading, hasBreakpoint: false);
        }
    }
}
