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
        var runs = new List<MessageRun>();
        var isLeading = true;
        foreach (var node in ContextItems.Nodes(context))
        {
            var run = Of(node, tools, isLeading);
            runs.Add(run);
            isLeading = run.IsLeading;
        }
        runs.Add(MessageRun.Of(context.Input, tools, isLeading, hasBreakpoint: true));
        return runs;
    }

    /// <remarks>What comes before a node never changes, and so never whether it leads.</remarks>
    private static MessageRun Of(ChainNode node, ToolNames tools, bool isLeading)
    {
        return tools.HasClashes ? Made() : UpstreamState.Told(node, "messages", Made);

        MessageRun Made() =>
            MessageRun.Of(node.Input.Concat(ContextItems.Readable(node.Output)), tools, isLeading, hasBreakpoint: false);
    }
}
