using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>What happens to one event of an upstream's item on its way to the client.</summary>
internal enum ItemEventUse
{
    /// <summary>More of the item; the core writes its own event for it.</summary>
    Delta,

    /// <summary>The core writes it by itself when the item gets that far.</summary>
    Implied,

    /// <summary>Passed on as it came, under the item's id and index.</summary>
    Carry,
}

/// <summary>
/// One row for each event that the core makes itself; what has no row is passed on: progress of hosted tools, annotations, kinds to come.
/// </summary>
internal static class ItemEventTable
{
    private const string Message = "message", Reasoning = "reasoning", Call = "function_call", Custom = "custom_tool_call";

    private static readonly Dictionary<string, (ItemEventUse Use, string Kind)> Rows = new(StringComparer.Ordinal)
    {
        ["response.output_text.delta"] = (ItemEventUse.Delta, Message),
        ["response.refusal.delta"] = (ItemEventUse.Delta, Message),
        ["response.reasoning_text.delta"] = (ItemEventUse.Delta, Reasoning),
        ["response.reasoning.delta"] = (ItemEventUse.Delta, Reasoning),
        ["response.reasoning_summary_text.delta"] = (ItemEventUse.Delta, Reasoning),
        ["response.function_call_arguments.delta"] = (ItemEventUse.Delta, Call),
        ["response.custom_tool_call_input.delta"] = (ItemEventUse.Delta, Custom),
        ["response.output_text.done"] = (ItemEventUse.Implied, Message),
        ["response.refusal.done"] = (ItemEventUse.Implied, Message),
        ["response.output_text.annotation.added"] = (ItemEventUse.Carry, Message),
        ["response.reasoning_text.done"] = (ItemEventUse.Implied, Reasoning),
        ["response.reasoning.done"] = (ItemEventUse.Implied, Reasoning),
        ["response.reasoning_summary_part.added"] = (ItemEventUse.Implied, Reasoning),
        ["response.reasoning_summary_part.done"] = (ItemEventUse.Implied, Reasoning),
        ["response.reasoning_summary_text.done"] = (ItemEventUse.Implied, Reasoning),
        ["response.function_call_arguments.done"] = (ItemEventUse.Implied, Call),
        ["response.custom_tool_call_input.done"] = (ItemEventUse.Implied, Custom),
        ["response.content_part.added"] = (ItemEventUse.Implied, ""),
        ["response.content_part.done"] = (ItemEventUse.Implied, ""),
    };

    // What one pass can read: texts that grow, and what the core writes by itself.
    private static readonly (byte[] Utf8, string Type, string Kind)[] Plain =
    [
        .. Rows.Where(row => row.Value.Use != ItemEventUse.Carry)
            .Where(row => !row.Key.StartsWith("response.reasoning_summary", StringComparison.Ordinal))
            .Select(row => (Encoding.UTF8.GetBytes(row.Key), row.Key, row.Value.Kind)),
    ];

    private static readonly (byte[] Utf8, string Type)[] Names =
    [
        .. Rows.Keys.Concat(["response.output_item.added", "response.output_item.done", "response.created", "response.queued",
            "response.in_progress", "response.completed", "response.done", "response.incomplete", "response.failed",
            "response.cancelled", "error"])
            .Select(name => (Encoding.UTF8.GetBytes(name), name)),
    ];

    /// <summary>An event's type, or another name; null where it is not a string.</summary>
    public static string? TypeOf(RawJson name)
    {
        if (name.Utf8.Span is [(byte)'"', .. var written, (byte)'"'])
            foreach (var (utf8, type) in Names)
                if (written.SequenceEqual(utf8)) return type;
        return name.AsText();
    }

    /// <summary>The type of this name, if it is of an item of this kind and says no more than a text.</summary>
    public static string? PlainType(ReadOnlySpan<byte> name, string itemKind)
    {
        foreach (var (utf8, type, kind) in Plain)
            if (name.SequenceEqual(utf8)) return kind.Length == 0 || kind == itemKind ? type : null;
        return null;
    }

    /// <param name="isKnown">Whether the core knows the item's kind; of one that it only carries everything is passed on.</param>
    public static ItemEventUse For(string type, bool isKnown) =>
        isKnown && Rows.TryGetValue(type, out var row) ? row.Use : ItemEventUse.Carry;

    /// <summary>The kind of item that an event belongs to; null where its name does not say.</summary>
    public static string? KindOf(string type) => Rows.TryGetValue(type, out var row) && row.Kind.Length > 0 ? row.Kind : null;

    /// <summary>Whether an item that nobody announced begins with this event.</summary>
    public static bool Begins(string type) => IsDelta(type) || IsWholeText(type);

    /// <summary>Whether the event has a text of the item to its end; some send nothing else of it.</summary>
    public static bool IsWholeText(string type) =>
        Rows.TryGetValue(type, out var row) && row is { Use: ItemEventUse.Implied, Kind.Length: > 0 }
        && type.EndsWith(".done", StringComparison.Ordinal);

    /// <summary>Whether the event has more of the item.</summary>
    public static bool IsDelta(string type) => Rows.TryGetValue(type, out var row) && row.Use == ItemEventUse.Delta;
}
