using Samovar.Gateway.Json;
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
    /// <remarks>Nothing else of it is written anew: an id that it never had, or an empty one, is refused as well.</remarks>
    public static Item Of(Item item) => item is FunctionCallItem call && !RawValues.IsObject(call.Arguments)
        ? Repaired(call, Arguments(call.Arguments)) : item;

    /// <summary>The arguments as a JSON object: the same text wherever they are one.</summary>
    public static string Arguments(string arguments) => RawValues.IsObject(arguments) ? arguments : ToolInput.Of(arguments).ToString();

    private static FunctionCallItem Repaired(FunctionCallItem call, string arguments) => call with
    {
        Arguments = arguments,
        IsCutOff = false,
        Json = JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            call.Json.WriteFields(writer, "arguments", "status");
            writer.WriteString("arguments"u8, arguments);
            writer.WriteString("status"u8, "completed"u8);
            writer.WriteEndObject();
        }),
    };
}
