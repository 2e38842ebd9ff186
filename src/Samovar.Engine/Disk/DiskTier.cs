using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Hands state over to be written: what host memory gives up, what waits in streams and memory, and at the end all that is left.
/// The engine's thread, and after its end whoever ends the engine.</summary>
/// <remarks>
/// Only segments that a storing turn goes through are written. A piece is written with all rows in front of it that are not on the disk
/// yet: without them it is of no use.
/// </remarks>
internal sealed class DiskTier(
    SegmentTree tree, StateMover mover, StateTraits traits, DiskIndex index, DiskWriter writer, EngineMeters meters, TimeProvider time)
    : IDemotion
{
    private Path? _path; // of the last segment that was looked at: what goes next is mostly in front of it

    public void Goes(Segment segment, bool isCheckpoint)
    {
        if (!segment.IsStored) return;
        if (isCheckpoint) SaveCheckpoint(segment);
        else SaveRows(segment);
    }

    public void Leaves(StreamSlot slot) => Save(slot);

    /// <summary>Whether all that a segment has in memory is, or was, on the disk, or is not worth it.</summary>
    public static bool IsSaved(Segment segment) => !segment.IsStored
        || ((segment.Rows is null || segment.RowsCopy is not null) && (segment.CheckpointCopy is not null || !IsWorth(segment)));

    /// <summary>Whether what may be written of a stream's state is, or was, on the disk.</summary>
    public bool IsSaved(StreamSlot slot)
    {
        if (StoredEnd(slot) is not { } end) return true;
        if (traits.Checkpoints != CheckpointPart.None && ReferenceEquals(end, slot.Leaf)) return end.CheckpointCopy is not null;
        return traits.Layout is null || end.RowsCopy is not null;
    }

    /// <summary>Writes what a segment has in memory, and the rows that it needs.</summary>
    public void Save(Segment segment)
    {
        if (!segment.IsStored) return;
        SaveRows(segment);
        SaveCheckpoint(segment);
    }

    /// <summary>Writes what an idle stream holds, up to where it may be written.</summary>
    public void Save(StreamSlot slot)
    {
        if (IsSaved(slot) || slot.Length != slot.Leaf!.End || StoredEnd(slot) is not { } end) return;
        mover.Show(slot,
            rows =>
            {
                foreach (var segment in end.PathBehind(0))
                    if (Needs(segment.RowsCopy) && !AddRows(segment, [rows.Part(segment.Start, segment.Tokens.Length)])) return;
            },
            (data, bytes, part) =>
            {
                if (ReferenceEquals(end, slot.Leaf) && Needs(end.CheckpointCopy)) AddCheckpoint(end, MarkKind.TurnEnd, part, data, bytes);
            });
    }

    private static Segment? StoredEnd(StreamSlot slot)
    {
        var end = slot.Leaf;
        while (end is { IsStored: false }) end = end.Parent; // a turn that may not be written has gone on from one that may
        return end is { Parent: not null } ? end : null;
    }

    private static bool Needs(IStateCopy? copy) => copy is not { IsGone: false };

    private static bool IsWorth(Segment segment) =>
        segment.Checkpoint is { IsSuperseded: false, Kind: not MarkKind.Interval };

    private void SaveRows(Segment segment)
    {
        foreach (var at in segment.PathBehind(0))
        {
            if (at.Rows is not { } rows || !Needs(at.RowsCopy)) continue;
            var parts = new List<RowSlice>();
            rows.AddTo(parts, at.Tokens.Length);
            if (!AddRows(at, parts)) return; // what stands behind it would be of no use
        }
    }

    private unsafe void SaveCheckpoint(Segment segment)
    {
        if (!IsWorth(segment) || segment.Checkpoint is not { } kept || !Needs(segment.CheckpointCopy)) return;
        SaveRows(segment);
        AddCheckpoint(segment, kept.Kind, kept.Part, (nint)kept.Data, kept.Bytes);
    }

    private bool AddRows(Segment segment, IReadOnlyList<RowSlice> parts)
    {
        var layout = traits.Layout!;
        var head = PieceHead.Of(PathOf(segment), segment.Start, segment.End, null, isWhole: false,
            (long)segment.Tokens.Length * layout.BytesPerToken);
        if (Add(head, () => StateBody.Of(segment.Tokens.Span, layout, parts)) is not { } piece) return false;
        segment.RowsCopy = piece;
        NoteUse(segment);
        return true;
    }

    private unsafe void AddCheckpoint(Segment segment, MarkKind kind, StatePart part, nint data, long bytes)
    {
        var path = PathOf(segment);
        var head = PieceHead.Of(path, 0, segment.End, kind, part == StatePart.Whole, bytes);
        if (Add(head, () => StateBody.Of(path.Tokens[..segment.End], (byte*)data, bytes)) is not { } piece) return;
        segment.CheckpointCopy = piece;
        NoteUse(segment);
    }

    private DiskPiece? Add(PieceHead head, Func<NativeBytes> body)
    {
        if (!writer.HasRoom(head.BodyBytes))
        {
            Interlocked.Increment(ref meters.DiskSkipped);
            return null;
        }
        var piece = index.Claim(head, time.GetUtcNow().UtcDateTime);
        if (!ReferenceEquals(piece.Head, head)) return piece; // it was there
        try
        {
            writer.Add(piece, body());
        }
        catch (OutOfMemoryException) // it is not written, and all else is as it was
        {
            index.Remove(piece);
            return null;
        }
        return piece;
    }

    // What leads to a place is kept as long as the place.
    private void NoteUse(Segment segment)
    {
        var before = segment.PathBehind(0).Select(at => at.RowsCopy).OfType<DiskPiece>().Where(piece => !piece.IsGone);
        index.Touch(before, time.GetUtcNow().UtcDateTime);
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
