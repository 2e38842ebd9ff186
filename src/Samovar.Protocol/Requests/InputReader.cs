using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads the items of <c>input</c>.</summary>
internal static class InputReader
{
    /// <summary>The items of the conversation, and whether the request asks for what it says so far to be compacted.</summary>
    public static (IReadOnlyList<Item> Items, bool Compacts) Items(ref JsonCursor json)
    {
        var items = json.Elements(json.Limits.InputItemsMax, static (ref json) => ItemReader.Read(ref json));
        for (var i = 0; i < items.Count - 1; i++)
            if (items[i] is CompactionTriggerItem) throw NotLast($"{json.Path}[{i}]");
        return items is [.., CompactionTriggerItem] ? ([.. items.SkipLast(1)], true) : (items, false);
    }

    private static ApiException NotLast(string path) => new(Errors.Errors.TriggerNotLast, [path], path);
}
