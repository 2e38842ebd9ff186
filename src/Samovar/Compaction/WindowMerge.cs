using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Joins what a client kept before a compaction with what the compaction stands for: each message once.</summary>
/// <remarks>
/// The client's order counts. Its own instructions and tools take the place of those that were kept; messages of the user that it left
/// out come back where they were; what the assistant said and did before is in the compaction. It costs what there is, not each item with
/// each other.
/// </remarks>
internal static class WindowMerge
{
    public static IReadOnlyList<Item> Of(IReadOnlyList<Item> before, Window window)
    {
        var own = new KnownItems([.. before.Where(IsKept)]);
        var inRecent = new bool[own.Items.Count];
        foreach (var item in window.Recent.Where(IsKept).Reverse()) // those stand in the newest part, and are left there
            if (own.TakeLast(item) is { } at) inRecent[at] = true;
        var hasLead = own.Items.Where((_, at) => !inRecent[at]).Any(IsLead);
        var missing = Missing(own, inRecent, hasLead ? window.Kept.Where(static item => !IsLead(item)) : window.Kept);
        return [.. Joined(own.Items, inRecent, missing), .. window.NotesItems, .. window.Recent];
    }

    /// <summary>Whether an item stays as it is where all before a compaction is shortened.</summary>
    public static bool IsKept(Item item) => item is CompactionItem or AdditionalToolsItem
        or MessageItem { Role: Role.User or Role.System or Role.Developer };

    /// <summary>What says how to answer, and with which tools.</summary>
    public static bool IsLead(Item item) => item is AdditionalToolsItem or MessageItem { Role: Role.System or Role.Developer };

    /// <summary>What the client left out, by the place of its item that it comes before: behind the one that it followed.</summary>
    private static Dictionary<int, List<Item>> Missing(KnownItems own, bool[] inRecent, IEnumerable<Item> kept)
    {
        var missing = new Dictionary<int, List<Item>>();
        var place = 0;
        while (place < own.Items.Count && (inRecent[place] || IsLead(own.Items[place]))) place++;
        foreach (var item in kept)
        {
            if (own.TakeFirst(item) is { } same)
            {
                place = same + 1;
                continue;
            }
            if (!missing.TryGetValue(place, out var here)) missing[place] = here = [];
            here.Add(item);
        }
        return missing;
    }

    private static IEnumerable<Item> Joined(IReadOnlyList<Item> own, bool[] inRecent, Dictionary<int, List<Item>> missing)
    {
        for (var at = 0; at <= own.Count; at++)
        {
            foreach (var item in missing.GetValueOrDefault(at) ?? []) yield return item;
            if (at < own.Count && !inRecent[at]) yield return own[at];
        }
    }
}
