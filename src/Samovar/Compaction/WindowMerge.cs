using Samovar.Chains;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>Joins what a client kept before a compaction with what the compaction stands for: each message once.</summary>
/// <remarks>
/// The client's order counts. Its own instructions and tools take the place of those that were kept; messages of the user that it left
/// out come back where they were; what the assistant said and did before is in the compaction.
/// </remarks>
internal static class WindowMerge
{
    public static IReadOnlyList<Item> Of(IReadOnlyList<Item> before, Window window)
    {
        var own = before.Where(IsKept).ToList();
        RemoveLast(own, window.Recent);
        AddMissing(own, own.Any(IsLead) ? [.. window.Kept.Where(static item => !IsLead(item))] : window.Kept);
        return [.. own, .. window.NotesItems, .. window.Recent];
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

    /// <summary>Each behind the one that it followed, where the client has that.</summary>
    private static void AddMissing(List<Item> own, IReadOnlyList<Item> kept)
    {
        var found = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        var at = own.FindIndex(static item => !IsLead(item));
        if (at < 0) at = own.Count;
        foreach (var item in kept)
        {
            var same = own.FindIndex(one => !found.Contains(one) && ItemContent.AreEqual(one, item));
            if (same < 0) own.Insert(at, item);
            found.Add(same < 0 ? item : own[same]);
            at = same < 0 ? at + 1 : same + 1;
        }
    }
}
