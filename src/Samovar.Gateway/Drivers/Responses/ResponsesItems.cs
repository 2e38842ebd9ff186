using System.Text.Json;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Items on their way to a Responses upstream: as they are, or told as functions where it knows nothing else.</summary>
internal static class ResponsesItems
{
    public static IEnumerable<RawJson> For(IEnumerable<ContextItem> items, ToolNames tools)
    {
        foreach (var (item, isForeign) in items)
        {
            if (isForeign && IsSealed(item, tools)) continue;
            var json = tools.IsFlat ? Flat(item, tools) : item.Json;
            if (!json.IsEmpty) yield return json;
        }
    }

    /// <summary>
    /// Only its maker can open it. Reasoning is no part of the history; what a compaction of the chain's own stands for is still in the
    /// chain, and one that the client sent comes to its maker only.
    /// </summary>
    private static bool IsSealed(Item item, ToolNames tools) =>
        item is CompactionItem || (item is ReasoningItem reasoning && (reasoning.EncryptedContent is not null || !tools.IsFlat));

    /// <summary>Empty for an item that is told in another place (<c>tools</c>).</summary>
    /// <exception cref="Attempts.UpstreamException">The upstream would not understand it, and without it the context is another
    /// one.</exception>
    private static RawJson Flat(Item item, ToolNames tools) => item switch
    {
        FunctionCallItem { Namespace: not null } call => Call(call.CallId, tools.Flat(call.Namespace, call.Name), call.Arguments),
        CustomToolCallItem call => Call(call.CallId, tools.Flat(call.Namespace, call.Name), CustomTools.Arguments(call.Input)),
        CustomToolCallOutputItem output => Output(output),
        MessageItem or FunctionCallItem or FunctionCallOutputItem or ReasoningItem or UnknownItem => item.Json,
        AdditionalToolsItem => default,
        _ => throw CannotSend.Item(item.Type),
    };

    private static RawJson Call(string callId, string name, string arguments) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function_call"u8);
        writer.WriteString("call_id"u8, callId);
        writer.WriteString("name"u8, name);
        writer.WriteString("arguments"u8, arguments);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteEndObject();
    });

    private static RawJson Output(CustomToolCallOutputItem output) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function_call_output"u8);
        writer.WriteString("call_id"u8, output.CallId);
        writer.Raw("output"u8, output.Json.Field("output"u8));
        writer.WriteEndObject();
    });
}
