using Samovar.Protocol.Items;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Where a conversation that is too long for the model may begin instead: <c>truncation: auto</c>.</summary>
/// <remarks>
/// What precedes the first word (system and developer messages, tools) always stays, and so does every list of tools. All else is left
/// out from its oldest item on, in whole rounds: a call is never torn from its output, reasoning never from what it led to. A question is
/// the best new beginning; only where the newest one with all its rounds is too long does one of these rounds begin.
/// </remarks>
internal static class OldestItems
{
    /// <summary>Items that stay at the start.</summary>
    public static int Lead(IReadOnlyList<Item> items)
    {
        var lead = 0;
        while (lead < items.Count && items[lead] is AdditionalToolsItem or MessageItem { Role: Role.System or Role.Developer }) lead++;
        return lead;
    }

    /// <summary>Whether an item is rendered in a conversation that begins at <paramref name="cut"/>.</summary>
    public static bool Stays(IReadOnlyList<Item> items, int at, int lead, int cut) =>
        at < lead || at >= cut || items[at] is AdditionalToolsItem;

    /// <summary>The indexes at which it may begin, ascending; all of them leave something out.</summary>
    public static IReadOnlyList<int> Cuts(IReadOnlyList<Item> items)
    {
        var torn = Torn(items);
        var all = Enumerable.Range(0, items.Count).Skip(Lead(items) + 1).Where(at => !torn[at] && BeginsRound(items, at)).ToList();
        var questions = all.Where(at => items[at] is MessageItem { Role: Role.User }).ToList();
        var newest = questions.Count > 0 ? questions[^1] : 0;
        return [.. questions, .. all.Where(at => at > newest)];
    }

    /// <summary>For each index, whether a beginning there would part a call from its output.</summary>
    private static bool[] Torn(IReadOnlyList<Item> items)
    {
        var called = new Dictionary<string, int>(StringComparer.Ordinal);
        var opened = new int[items.Count + 1]; // pairs that begin to span here, less those that end
        for (var at = 0; at < items.Count; at++)
        {
            if (items[at] is IToolCall { CallId: { } id }) called.TryAdd(id, at);
            if (items[at] is not IToolOutput { CallId: { } answered } || !called.TryGetValue(answered, out var call)) continue;
            opened[call + 1]++;
            opened[at + 1]--;
        }
        var torn = new bool[items.Count];
        for (int at = 0, spanning = 0; at < items.Count; at++) torn[at] = (spanning += opened[at]) > 0;
        return torn;
    }

    private static bool BeginsRound(IReadOnlyList<Item> items, int at) => items[at] switch
    {
        IToolOutput or AdditionalToolsItem => false,
        MessageItem { Role: not Role.Assistant } => true,
        _ => !IsAssistants(items[at - 1]), // the assistant's own words, thoughts and calls are one round
    };

    private static bool IsAssistants(Item item) => item is ReasoningItem or IToolCall or MessageItem { Role: Role.Assistant };
}
