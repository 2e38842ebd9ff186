using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>An upstream's final item: byte for byte, unless it lacks what clients need or changed its id on the way.</summary>
internal static class WholeItem
{
    /// <param name="isCut">Whether the response ended before the item did.</param>
    public static RawJson Complete(RawJson item, string id, bool isCut = false)
    {
        var kind = ItemClue.KindOf(item);
        var needsStatus = kind is "message" or "function_call" && item.Text("status"u8) is null or "in_progress";
        var needsSummary = kind == "reasoning" && !item.Field("summary"u8).IsSet();
        var isAsItCame = item.Text("id"u8) == id && item.Field("type"u8).IsSet() && !needsStatus && !needsSummary;
        return isAsItCame ? item.Copied() : JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            if (!item.Field("type"u8).IsSet()) writer.WriteString("type"u8, kind);
            foreach (var (name, value) in item.Fields())
            {
                if (name == "id" || (needsStatus && name == "status") || (needsSummary && name == "summary")) continue;
                writer.WritePropertyName(name);
                writer.Raw(value);
            }
            if (needsSummary) writer.Raw("summary"u8, RawJson.EmptyArray);
            if (needsStatus) writer.WriteString("status"u8, isCut ? "incomplete"u8 : "completed"u8);
            writer.WriteEndObject();
        });
    }

    /// <summary>
    /// Whether the item has all that clients read of its kind; one that lacks it is made from what was streamed instead.
    /// </summary>
    public static bool IsUsable(RawJson item, bool hasStreamed) => ItemClue.KindOf(item) switch
    {
        "message" => item.Text("role"u8) == "assistant" && HasOutputParts(item) && (!hasStreamed || ItemTexts.OfMessage(item).Count > 0),
        "function_call" => HasHead(item) && item.Text("arguments"u8) is { Length: > 0 },
        "custom_tool_call" => HasHead(item) && (item.Text("input"u8) is { Length: > 0 } || !hasStreamed),
        "reasoning" => !hasStreamed || item.Field("encrypted_content"u8).IsSet() || ItemTexts.OfReasoning(item).Count > 0
            || ItemTexts.OfSummary(item).Count > 0,
        _ => true,
    };

    private static bool HasHead(RawJson call) => call.Text("name"u8) is { Length: > 0 } && call.Text("call_id"u8) is { Length: > 0 };

    private static bool HasOutputParts(RawJson message)
    {
        var content = message.Field("content"u8);
        return content.IsSet() && content.AsText() is null
            && content.Elements().TrueForAll(part => part.Text("type"u8) is not ("text" or "input_text" or null));
    }
}
