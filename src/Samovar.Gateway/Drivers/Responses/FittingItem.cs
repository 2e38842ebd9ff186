using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>
/// Items of other makers as strict providers take them. They check the id of every item, the id of every call and its name, and refuse the
/// turn for one that does not fit, and so every turn of a chain that has it.
/// </summary>
/// <remarks>
/// What fits goes up byte for byte. Everything else is made from the item alone, so that it is the same in every turn, in a whole history
/// and in new items alone, and in a call and its result.
/// </remarks>
internal static class FittingItem
{
    public static bool HasFittingId(Item item) => item.Id is not { } id || ItemIds.Fits(item.Type, id);

    /// <summary>False for a call without a name: not even its maker takes it back.</summary>
    public static bool IsNamed(Item item) => item is not (FunctionCallItem { Name: "" } or CustomToolCallItem { Name: "" });

    /// <param name="item">One that the upstream did not make, or does not take back.</param>
    /// <param name="isOwnCall">Whether the upstream made the call of this id, and so knows it by no other.</param>
    public static Item Of(Item item, Func<string, bool> isOwnCall)
    {
        var name = (item switch { FunctionCallItem call => call.Name, CustomToolCallItem call => call.Name, _ => null }) is { } said
            && !FittingName.Is(said) ? FittingName.Of(said) : null;
        var callId = ((item as IToolCall)?.CallId ?? (item as IToolOutput)?.CallId) is { } given
            && !FittingName.Is(given) && !isOwnCall(given) ? FittingName.Of(given) : null;
        var keepsId = HasFittingId(item);
        return keepsId && name is null && callId is null ? item : item with { Json = Written(item, keepsId, callId, name) };
    }

    private static RawJson Written(Item item, bool keepsId, string? callId, string? name) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (field, value) in item.Json.OwnFields())
        {
            if (field == "id" && !keepsId)
            {
                // Most need none; what the provider's own tools did is named by nothing else.
                if (!GoesWithoutId(item)) writer.WriteString("id"u8, FittingName.Marked(ItemIds.PrefixOf(item.Type)!, item.Id!));
            }
            else if (field == "call_id" && callId is not null) writer.WriteString("call_id"u8, callId);
            else if (field == "name" && name is not null) writer.WriteString("name"u8, name);
            else
            {
                writer.WritePropertyName(field);
                writer.Raw(value);
            }
        }
        writer.WriteEndObject();
    });

    private static bool GoesWithoutId(Item item) => item is MessageItem or ReasoningItem or FunctionCallItem or FunctionCallOutputItem
        or CustomToolCallItem or CustomToolCallOutputItem;
}
