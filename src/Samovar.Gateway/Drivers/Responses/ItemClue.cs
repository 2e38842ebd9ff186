using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What an event says of the item that it belongs to. Upstreams leave out any of it, and some say it wrongly.</summary>
/// <param name="Event">The event's type.</param>
/// <param name="Kind">The item's type; null where the event's name does not say.</param>
/// <param name="Id">The item's id; ids that are empty are not there.</param>
/// <param name="Index">The item's place in the output.</param>
internal readonly record struct ItemClue(string Event, string? Kind, string? Id, string? CallId, int? Index)
{
    public const string Added = "response.output_item.added", Done = "response.output_item.done";

    /// <summary>A call's name, where the event has it.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the event has the item itself.</summary>
    public bool HasItem => Event is Added or Done;

    /// <summary>Whether an item may begin with the event.</summary>
    public bool Begins => HasItem || ItemEventTable.Begins(Event);

    /// <param name="e">The event.</param>
    /// <param name="item">The item that it has, where it has one.</param>
    public static ItemClue Of(string type, in ObjectFields e, in ObjectFields item)
    {
        var index = e.Number("output_index"u8);
        var hasItem = type is Added or Done;
        var clue = hasItem ? new ItemClue(type, KindOf(item), Named(item.Text("id"u8)), Named(item.Text("call_id"u8)), index)
            : new ItemClue(type, ItemEventTable.KindOf(type), Named(e.Text("item_id"u8)), null, index);
        return IsCall(clue.Kind) ? clue with { Name = Named((hasItem ? item : e).Text("name"u8)) } : clue;
    }

    /// <summary>Whether clients are to run it.</summary>
    public static bool IsCall(string? kind) => kind is "function_call" or "custom_tool_call";

    /// <summary>The type of an item; a message may come without one.</summary>
    public static string KindOf(in ObjectFields item)
    {
        var type = item.Field("type"u8);
        if (type.Is("message"u8)) return "message";
        if (type.Is("function_call"u8)) return "function_call";
        if (type.Is("reasoning"u8)) return "reasoning";
        return type.AsText() ?? (item.Field("role"u8).IsSet() ? "message" : "");
    }

    /// <summary>Whether the event's name begins with the item's type, as those of hosted tools do.</summary>
    public bool IsNamedAfter(string kind) =>
        Event.StartsWith("response." + kind, StringComparison.Ordinal);

    private static string? Named(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
