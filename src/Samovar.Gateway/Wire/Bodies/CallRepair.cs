using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>
/// Calls of a history whose arguments are no JSON object, because a limit cut them off or a model broke them: engines refuse them for
/// ever, so they go up with what can be read of them.
/// </summary>
internal static class CallRepair
{
    /// <summary>The item as it may go up: the same one wherever nothing is wrong with it.</summary>
    public static Item Of(Item item) => item is FunctionCallItem call && !RawValues.IsObject(call.Arguments)
        ? ItemWriter.FunctionCall(call.Id ?? "", call.CallId, call.Name, Arguments(call.Arguments), call.Namespace, ItemStatus.Completed)
        : item;

    /// <summary>The arguments as a JSON object: the same text wherever they are one.</summary>
    public static string Arguments(string arguments) => RawValues.IsObject(arguments) ? arguments : ToolInput.Of(arguments).ToString();
}
