using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>Notes on the tree's segments whose state ends there, so many stored responses at each at most. The engine's thread
/// only.</summary>
/// <remarks>Where one prompt is stored again and again, those that were there first are noted on the files that they need, as far as there
/// are any, and are left out here. What has no file then may go before they do, and is computed again: what was deleted is never
/// kept.</remarks>
internal sealed class SegmentOwners(DiskUses uses)
{
    public const int OwnersMax = 64;
    private const int LeftMax = OwnersMax / 2; // behind a clean-up, so that most turns need none

    /// <summary>A stored response's state ends at a segment.</summary>
    public void Add(Segment end, StateOwner owner)
    {
        var owners = end.Owners ??= [];
        if (owners.Contains(owner)) return;
        if (owners.Count >= OwnersMax) MakeRoom(end, owners);
        owners.Add(owner);
    }

    /// <summary>A segment's state came from a file: it is of use to whom that is.</summary>
    public void AddUsersOf(Segment end, DiskPiece piece)
    {
        var owners = end.Owners ?? [];
        foreach (var owner in uses.UsersOf(piece, end.End, LeftMax)) // the others are known to the file
            if (owners.Count < OwnersMax && !owners.Contains(owner)) owners.Add(owner);
        if (owners.Count > 0) end.Owners = owners;
    }

    private void MakeRoom(Segment end, List<StateOwner> owners)
    {
        uses.RemoveUnneeded(owners);
        if (owners.Count <= LeftMax) return;
        var oldest = owners.GetRange(0, owners.Count - LeftMax);
        for (var at = end; at is { Parent: not null }; at = at.Parent)
        {
            if (at.RowsCopy is DiskPiece rows) uses.Note(rows, oldest, at.End);
            if (at.CheckpointCopy is DiskPiece point) uses.Note(point, oldest, at.End);
        }
        owners.RemoveRange(0, oldest.Count);
    }
}
