using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Hands state over to be written: what host memory gives up, what waits in streams and memory, and at the end all that is left.
/// The engine's thread, and after its end whoever ends the engine.</summary>
/// <remarks>
/// Only segments that a storing turn goes through are written, and only as long as its response is stored. A piece is written with all
/// rows in front of it that are not on the disk yet: without them it is of no use. Long segments are cut into several pieces, so that what
/// is read or written at once has a bound.
/// </remarks>
internal sealed class DiskTier(
    SegmentTree tree, StateMover mover, StateTraits traits, DiskIndex index, DiskWriter writer, EngineMeters meters, TimeProvider time,
    long pieceBytesMax) : IDemotion
{
    private Path? _path; // of the last segment that was looked at: what goes next is mostly in front of it

    /// <summary>Called with each segment that host memory has something new of.</summary>
    public Action<Segment>? HasCome { get; set; }

    public void Came(Segment segment)
    {
        if (segment.IsStored) HasCome?.Invoke(segment);
    }

    public void Goes(Segment segment, bool isCheckpoint)
    {
        if (!segment.IsStored || segment.IsFinal) return;
        if (isCheckpoint) SaveCheckpoint(segment, SaveParkedRows(segment));
        else SaveParkedRows(segment);
    }

    public void Leaves(StreamSlot slot) => Save(slot);

    /// <summary>Whether all that a segment has in memory is, or was, on the disk, or is not worth it.</summary>
    public static bool IsSaved(Segment segment) => !segment.IsStored || segment.IsFinal
        || ((segment.Rows is null || IsDone(segment.RowsCopy)) && (IsDone(segment.CheckpointCopy) || !IsWorth(segment)));

    /// <summary>Whether what may be written of a stream's state is, or was, on the disk.</summary>
    public bool IsSaved(StreamSlot slot)
    {
        if (StoredEnd(slot) is not { } end || end.IsFinal) return true;
        if (EndsAt(slot, end)) return IsDone(end.CheckpointCopy);
        return (traits.Layout is null || IsDone(end.RowsCopy)) && (end.LastCheckpoint() is not { } place || IsSaved(place));
    }

    /// <summary>Writes what a segment has in memory, and the rows that it needs.</summary>
    public void Save(Segment segment)
    {
        if (IsSaved(segment)) return;
        SaveCheckpoint(segment, SaveParkedRows(segment));
    }

    /// <summary>Writes what a stream holds, up to where it may be written. Its turn may be running, between two rounds.</summary>
    public void Save(StreamSlot slot)
    {
        if (IsSaved(slot) || StoredEnd(slot) is not { } end) return;
        var path = new OwnedPath(end);
        if (!index.Uses.IsNeeded(path.Owners)) return;
        mover.Show(slot,
            rows =>
            {
                if (!SaveRows(path, segment => [rows.Part(segment.Start, segment.Tokens.Length)])) return;
                for (var at = end; at is { Parent: not null }; at = at.Parent)
                    if (at.Checkpoint is not null) SaveCheckpoint(at, path);
            },
            (data, bytes, part) =>
            {
                if (EndsAt(slot, end) && Needs(end.CheckpointCopy)) AddCheckpoint(end, path, MarkKind.TurnEnd, part, data, bytes);
            });
    }

    /// <summary>The last place of a stream's path that is computed, and may be written.</summary>
    private static Segment? StoredEnd(StreamSlot slot)
    {
        var end = slot.Leaf;
        while (end is not null && (!end.IsStored || end.End > slot.Length)) end = end.Parent; // a turn that may not be written went on
        return end is { Parent: not null } ? end : null;
    }

    /// <summary>Whether a stream's end is a place to come back to that is saved as a whole.</summary>
    private bool EndsAt(StreamSlot slot, Segment end) => traits.Checkpoints != CheckpointPart.None && slot.IsIdle
        && ReferenceEquals(end, slot.Leaf) && slot.Length == end.End;

    private static bool Needs(IStateCopy? copy) => copy is not { IsGone: false };

    private static bool IsDone(IStateCopy? copy) => copy is DiskPiece piece && (!piece.IsGone || piece.WasWritten);

    private static bool IsWorth(Segment segment) =>
        segment.Checkpoint is { IsSuperseded: false, Kind: not MarkKind.Interval };

    private OwnedPath SaveParkedRows(Segment segment)
    {
        var path = new OwnedPath(segment);
        if (index.Uses.IsNeeded(path.Owners)) SaveRows(path, PartsOf);
        return path;
    }

    private static IReadOnlyList<RowSlice>? PartsOf(Segment segment)
    {
        if (segment.Rows is not { } rows) return null;
        var parts = new List<RowSlice>();
        rows.AddTo(parts, segment.Tokens.Length);
        return parts;
    }

    /// <summary>Writes the rows of a path that are not on the disk; false where some found no room.</summary>
    private bool SaveRows(OwnedPath path, Func<Segment, IReadOnlyList<RowSlice>?> parts)
    {
        if (traits.Layout is not { } layout) return true;
        path.Split(tree, (int)Math.Clamp(pieceBytesMax / layout.BytesPerToken, PathHashes.StepTokens, int.MaxValue));
        var before = default(DiskPiece);
        foreach (var (segment, owners) in path.FromRoot())
        {
            if (segment.RowsCopy is DiskPiece { IsGone: false } there) index.Uses.Note(there, owners, segment.End);
            else if (!index.Uses.IsNeeded(owners)) break; // behind it nobody needs anything
            else if (parts(segment) is not { } rows) continue; // a stream has them
            else if (!AddRows(segment, owners, before, rows)) return false; // what stands behind it would be of no use
            before = segment.RowsCopy as DiskPiece;
        }
        NoteUse(path.End);
        return true;
    }

    private unsafe void SaveCheckpoint(Segment segment, OwnedPath path)
    {
        if (segment.Checkpoint is not { } kept) return;
        if (segment.CheckpointCopy is DiskPiece { IsGone: false } there) index.Uses.Note(there, path.OwnersOf(segment), segment.End);
        else if (IsWorth(segment)) AddCheckpoint(segment, path, kept.Kind, kept.Part, (nint)kept.Data, kept.Bytes);
    }

    private bool AddRows(Segment segment, IReadOnlyList<StateOwner> owners, DiskPiece? before, IReadOnlyList<RowSlice> parts)
    {
        var (layout, path) = (traits.Layout!, PathOf(segment));
        var head = PieceHead.Of(path, segment.Start, segment.End, null, isWhole: false,
            (long)segment.Tokens.Length * layout.BytesPerToken) with { Before = before?.Head.EndHash ?? 0 };
        if (Add(head, owners, () => StateBody.Of(head, path.Tokens, layout, parts)) is not { } piece) return false;
        segment.RowsCopy = piece;
        return true;
    }

    private unsafe void AddCheckpoint(Segment segment, OwnedPath owned, MarkKind kind, StatePart part, nint data, long bytes)
    {
        var owners = owned.OwnersOf(segment);
        if (!index.Uses.IsNeeded(owners)) return;
        var path = PathOf(segment);
        var before = part == StatePart.Whole ? null : segment.RowsCopy as DiskPiece;
        var head = PieceHead.Of(path, 0, segment.End, kind, part == StatePart.Whole, bytes) with { Before = before?.Head.EndHash ?? 0 };
        if (Add(head, owners, () => StateBody.Of(path.Tokens[..segment.End], (byte*)data, bytes)) is not { } piece) return;
        segment.CheckpointCopy = piece;
        NoteUse(segment);
    }

    private DiskPiece? Add(PieceHead head, IReadOnlyList<StateOwner> owners, Func<NativeBytes> body)
    {
        if (!writer.HasRoom(head.BodyBytes))
        {
            Interlocked.Increment(ref meters.DiskSkipped);
            return null;
        }
        var piece = index.Claim(head, time.GetUtcNow().UtcDateTime);
        try
        {
            index.Uses.Note(piece, owners, head.End);
            if (ReferenceEquals(piece.Head, head)) writer.Add(piece, body()); // else it was there
            return piece;
        }
        catch (Exception exception) when (ReferenceEquals(piece.Head, head)) // it is not written, and all else is as it was
        {
            index.Remove(piece);
            if (exception is OutOfMemoryException) return null;
            throw;
        }
    }

    // What leads to a place is kept as long as the place.
    private void NoteUse(Segment end)
    {
        var pieces = new List<DiskPiece>();
        for (var at = end; at is not null; at = at.Parent)
        {
            if (at.RowsCopy is DiskPiece { IsGone: false } rows) pieces.Add(rows);
            if (ReferenceEquals(at, end) && at.CheckpointCopy is DiskPiece { IsGone: false } point) pieces.Add(point);
        }
        index.Touch(pieces, time.GetUtcNow().UtcDateTime, end.Note?.Ending);
    }

    private PathHashes PathOf(Segment segment)
    {
        if (_path is { } known)
            for (var at = known.End; at is { IsDetached: false }; at = at.Parent)
                if (ReferenceEquals(at, segment)) return known.Hashes;
        var root = segment;
        while (root.Parent is { } parent) root = parent;
        var scope = tree.ScopeOf(root) ?? throw new InvalidOperationException("A segment of no tree.");
        var hashes = index.Hashes(scope, segment.FirstTokens(segment.End));
        _path = new Path(segment, hashes);
        return hashes;
    }

    private sealed record Path(Segment End, PathHashes Hashes);
}
