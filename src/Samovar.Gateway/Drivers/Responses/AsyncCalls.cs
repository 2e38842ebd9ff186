using System.Text.Json;
using Samovar.Gateway.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Asynchronous calls and their tools, on their way to upstreams that know of no such thing.</summary>
internal static class AsyncCalls
{
    /// <summary>The item without the field.</summary>
    public static Item Plain(Item item) => item switch
    {
        FunctionCallItem { IsAsync: true } call => call with { Json = Without(call.Json) },
        CustomToolCallItem { IsAsync: true } call => call with { Json = Without(call.Json) },
        _ => item,
    };

    /// <summary>The tool without the field, nor those in its group.</summary>
    public static RawJson Plain(Tool tool) => tool switch
    {
        Tool.Function { IsAsync: true } or Tool.Custom { IsAsync: true } => Without(tool.Json),
        Tool.Namespace group when group.Tools.Any(one => one.IsCalledAsync) => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            group.Json.WriteFields(writer, "tools");
            writer.WriteStartArray("tools"u8);
            foreach (var one in group.Tools) writer.Raw(Plain(one));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }),
        _ => tool.Json,
    };

    private static RawJson Without(RawJson json) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        json.WriteFields(writer, "async");
        writer.WriteEndObject();
    });
}
