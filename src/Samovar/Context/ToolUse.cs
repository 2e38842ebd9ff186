using Samovar.Protocol.Items;

namespace Samovar.Context;

/// <summary>A call of a conversation and its result.</summary>
/// <param name="CallAt">Where the call is, from the conversation's start.</param>
/// <param name="OutputAt">Where its result is; below 0 where it has none yet.</param>
/// <param name="Name">The tool's, as its client calls it.</param>
internal sealed record ToolUse(int CallAt, int OutputAt, string Name)
{
    /// <summary>All of a conversation, in the order of the calls.</summary>
    public static IReadOnlyList<ToolUse> Of(IReadOnlyList<Item> items)
    {
        var uses = new List<ToolUse>();
        var byId = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < items.Count; at++)
        {
            if (items[at] is IToolCall { CallId: { } id } call)
            {
                byId[id] = uses.Count; // of two calls with one id the newer is answered
                uses.Add(new ToolUse(at, -1, NameOf(call)));
            }
            if (items[at] is IToolOutput { CallId: { } answered } && byId.TryGetValue(answered, out var use))
                uses[use] = uses[use] with { OutputAt = at };
        }
        return uses;
    }

    private static string NameOf(IToolCall call) => call switch
    {
        FunctionCallItem function => function.Name,
        CustomToolCallItem custom => custom.Name,
        OtherCallItem other => other.Kind,
        _ => "",
    };
}
