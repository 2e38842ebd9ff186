using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>Results that a <see cref="CarriedBlock"/> holds: of calls that the maker of an answer ran itself.</summary>
internal static class CarriedResult
{
    /// <summary>The call that an item has the result of; null for another item.</summary>
    public static string? CallOf(Item item) =>
        CarriedBlock.Of(item) is { IsEmpty: false } block && block.Text("type"u8) == "tool_result" ? block.Text("tool_use_id"u8) : null;

    /// <summary>The result as other backends get it, and histories in which results follow their calls.</summary>
    public static FunctionCallOutputItem? ResultOf(Item item) =>
        CallOf(item) is not null && BlockReader.Result(CarriedBlock.Of(item)) is { } result
            ? InputItems.FunctionOutput(result.Id, result.Content, result.IsError) : null;
}
