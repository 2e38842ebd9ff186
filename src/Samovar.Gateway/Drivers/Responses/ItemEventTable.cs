namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What happens to one event of an upstream's item on its way to the client.</summary>
internal enum ItemEventUse
{
    /// <summary>More of the item; the core tells it in its own words.</summary>
    Delta,

    /// <summary>The core tells it by itself when the item gets that far.</summary>
    Implied,

    /// <summary>Passed on as it came, under the item's id and index.</summary>
    Carry,
}

/// <summary>
/// One row for each event that the core makes itself; what has no row is passed on: progress of hosted tools, annotations, kinds to come.
/// </summary>
internal static class ItemEventTable
{
    private static readonly Dictionary<string, ItemEventUse> Rows = new(StringComparer.Ordinal)
    {
        ["response.output_text.delta"] = ItemEventUse.Delta,
        ["response.refusal.delta"] = ItemEventUse.Delta,
        ["response.reasoning_text.delta"] = ItemEventUse.Delta,
        ["response.reasoning.delta"] = ItemEventUse.Delta,
        ["response.reasoning_summary_text.delta"] = ItemEventUse.Delta,
        ["response.function_call_arguments.delta"] = ItemEventUse.Delta,
        ["response.custom_tool_call_input.delta"] = ItemEventUse.Delta,
        ["response.content_part.added"] = ItemEventUse.Implied,
        ["response.content_part.done"] = ItemEventUse.Implied,
        ["response.output_text.done"] = ItemEventUse.Implied,
        ["response.refusal.done"] = ItemEventUse.Implied,
        ["response.reasoning_text.done"] = ItemEventUse.Implied,
        ["response.reasoning.done"] = ItemEventUse.Implied,
        ["response.reasoning_summary_part.added"] = ItemEventUse.Implied,
        ["response.reasoning_summary_part.done"] = ItemEventUse.Implied,
        ["response.reasoning_summary_text.done"] = ItemEventUse.Implied,
        ["response.function_call_arguments.done"] = ItemEventUse.Implied,
        ["response.custom_tool_call_input.done"] = ItemEventUse.Implied,
    };

    /// <param name="isTold">Whether the core knows the item's kind; of one that it only carries everything is passed on.</param>
    public static ItemEventUse For(string type, bool isTold) =>
        isTold && Rows.TryGetValue(type, out var use) ? use : ItemEventUse.Carry;
}
