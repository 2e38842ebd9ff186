using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>An upstream's final item: byte for byte, unless it lacks what clients need or changed its id on the way.</summary>
internal static class WholeItem
{
    /// <param name="begun">What clients know it by.</param>
    /// <param name="isCut">Whether the response ended before the item did.</param>
    public static RawJson Complete(in ObjectFields item, BegunItem begun, bool isCut = false)
    {
        var kind = ItemClue.KindOf(item);
        var needsStatus = kind is "message" or "function_call" && IsStillOpen(item.Field("status"u8));
        var needsSummary = kind == "reasoning" && !item.Field("summary"u8).IsSet();
        var callId = item.Field("call_id"u8).Is(begun.CallId) ? null : begun.CallId;
        var isAsItCame = item.Field("id"u8).Is(begun.Id) && callId is null && item.Field("type"u8).IsSet() && !needsStatus && !needsSummary;
        if (isAsItCame) return item.Json.Copied();
        var (json, hasType) = (item.Json, item.Field("type"u8).IsSet());
        return JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, begun.Id);
            if (callId is not null) writer.WriteString("call_id"u8, callId);
            if (!hasType) writer.WriteString("type"u8, kind);
            foreach (var (name, value) in json.Fields())
            {
                if (name == "id" || (callId is not null && name == "call_id")) continue;
                if ((needsStatus && name == "status") || (needsSummary && name == "summary")) continue;
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
    /// <param name="hasTexts">Whether the item has any.</param>
    public static bool IsUsable(in ObjectFields item, bool hasTexts, bool hasStreamed) => ItemClue.KindOf(item) switch
    {
        "message" => item.Field("role"u8).Is("assistant"u8) && HasOutputParts(item) && (!hasStreamed || hasTexts),
        "function_call" => HasHead(item) && item.Field("arguments"u8).HasText(),
        "custom_tool_call" => HasHead(item) && (item.Field("input"u8).HasText() || !hasStreamed),
        "reasoning" => !hasStreamed || item.Field("encrypted_content"u8).IsSet() || hasTexts
            || ItemTexts.OfSummary(item).Count > 0,
        _ => true,
    };

    private static bool IsStillOpen(RawJson status) => status.Is("in_progress"u8) || status.AsText() is null;

    private static bool IsOutput(RawJson type) => type.Is("output_text"u8) || type.AsText() is not ("text" or "input_text" or null);

    private static bool HasHead(in ObjectFields call) => call.Field("name"u8).HasText() && call.Field("call_id"u8).HasText();

    private static bool HasOutputParts(in ObjectFields message)
    {
        var content = message.Field("content"u8);
        return content.IsSet() && content.AsText() is null && content.Elements().TrueForAll(static part => IsOutput(part.Field("type"u8)));
    }
}
