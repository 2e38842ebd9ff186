using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Items;

namespace Samovar.Sessions;

/// <summary>What a response wants of its client before anything else can be said.</summary>
internal static class RequiredInput
{
    /// <summary>The response's calls that nobody has answered; those of the client alone.</summary>
    /// <param name="node">The response.</param>
    /// <param name="steers">What was said while it was made: outputs may be among it.</param>
    public static IReadOnlyList<Item> Of(ChainNode node, IReadOnlyList<Steer> steers)
    {
        List<Item>? required = null;
        foreach (var item in node.Output)
        {
            if (item is not IToolCall { CallId: { } id } || !(node.OpenCalls.Contains(id) || ToolCallCheck.IsLeftToClient(item))) continue;
            if (node.Output.Any(other => other is IToolOutput output && output.CallId == id)) continue;
            if (!steers.Any(steer => steer.Answers(id))) (required ??= []).Add(item);
        }
        return (IReadOnlyList<Item>?)required ?? [];
    }
}
