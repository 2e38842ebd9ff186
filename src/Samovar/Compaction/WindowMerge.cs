using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Joins what a client kept before a compaction with what the compaction stands for: each message once.</summary>
/// <remarks>
/// The client's order counts. Its own instructions and tools take the place of those that were kept; messages of the user that it left
/// out come back before those that it has; what the assistant said and did before is in the compaction.
/// </remarks>
internal static class WindowMerge
{
    public static IReadOnlyList<Item> Of(IReadOnlyList<Item> before, Window window)
    {
        var own = before.Where(IsKept).ToList();
        RemoveLast(own, window.Recent);
        var missing = Missing(own, window.Kept);
        var lead = missing.Where(IsLead).ToList();
        var at = own.FindIndex(static item => !IsLead(item));
        if (at < 0) at = own.Count;
        return [.. own.Any(IsLead) ? [] : lead, .. own.Take(at), .. missing.Where(static item => !IsLead(item)), .. own.Skip(at),
            .. window.NotesItems, .. window.Recent];
    }

    /// <summary>Whether an item stays as it is where all before a compaction is shortened.</summary>
    public static bool IsKept(Item item) => item is CompactionItem or AdditionalToolsItem
        or MessageItem { Role: Role.User or Role.System or Role.Developer };

    /// <summary>What says how to answer, and with which tools.</summary>
    public static bool IsLead(Item item) => item is AdditionalToolsItem or MessageItem { Role: Role.System or Role.Developer };

    /// <summary>Messages that stand in the newest part as well are left there.</summary>
    private static void RemoveLast(List<Item> own, IReadOnlyList<Item> recent)
    {
        for (var i = recent.Count - 1; i >= 0; i--)
            if (IsKept(recent[i]) && own.FindLastIndex(item => ItemContent.AreEqual(item, recent[i])) is >= 0 and var at)
                own.RemoveAt(at);
    }

    private static List<Item> Missing(List<Item> own, IReadOnlyList<Item> kept)
    {
        var free = own.ToList();
        var missing = new List<Item>();
        foreach (var item in kept)
        {
            var at = free.FindIndex(one => ItemContent.AreEqual(one, item));
            if (at >= 0) free.RemoveAt(at);
            else missing.Add(item);
        }
        return missing;
    }
}
