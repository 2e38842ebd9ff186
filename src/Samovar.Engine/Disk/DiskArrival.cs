using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Puts what was read from the disk into host memory, at its place in the tree.</summary>
internal sealed unsafe class DiskArrival(SegmentTree tree, ParkedStore store, StateTraits traits)
{
    /// <returns>Tokens of the path whose state has come.</returns>
    public int Take(DiskRead read, string scope, int usable, long now)
    {
        var rows = new List<RowsCome>();
        (PieceHead Head, DiskPiece Piece, NativeBytes Body)? point = null;
        foreach (var (piece, body) in read.Take())
            if (!piece.Head.IsRows) point = (piece.Head, piece, body);
            else rows.Add(new RowsCome(piece, body, piece.Head.Start + StateBody.Common(piece.Head, body, read.Path.Tokens)));
        var depth = read.Plan.Point is not null ? point?.Head.End ?? 0
            : rows.Count == 0 ? 0 : Math.Min(rows.Max(come => come.Until), usable);
        if (depth == 0) return 0;
        var leaf = tree.Insert(tree.Root(scope), read.Path.Tokens[..depth].ToArray());
        leaf.IsClaimed = true;
        try
        {
            foreach (var come in rows)
                if (come.Until < depth) tree.At(leaf, come.Until);
            var isThere = point is not { } end ? PutRows(rows, leaf, 0, now)
                : end.Head.IsWhole ? store.Reserve(end.Head.StateBytes, null) : PutRows(rows, leaf, end.Head.StateBytes, now);
            if (isThere && point is { } checkpoint && leaf.Checkpoint is null) PutCheckpoint(leaf, checkpoint.Piece, checkpoint.Body, now);
            if (isThere) leaf.Store();
            return isThere ? depth : 0;
        }
        finally
        {
            leaf.IsClaimed = false;
            tree.Prune(leaf);
        }
    }

    private bool PutRows(List<RowsCome> rows, Segment leaf, long more, long now)
    {
        var saved = leaf.LastWithRows();
        var missing = leaf.PathBehind(saved.End);
        var bytes = missing.Sum(segment => (long)segment.Tokens.Length) * traits.Layout!.BytesPerToken;
        if (!store.Reserve(bytes + more, saved.Rows is null ? null : saved)) return false;
        while (missing.TryPop(out var segment))
        {
            var come = rows.Find(part => part.Piece.Head.Start <= segment.Start && part.Until >= segment.End);
            if (come is null) return false; // what host memory had in front of it has gone meanwhile
            var head = come.Piece.Head;
            var part = StateBody.Rows(come.Body, head.End - head.Start).Part(segment.Start - head.Start, segment.Tokens.Length);
            store.Put(segment, StateRows.Copy(traits.Layout, part));
            (segment.RowsCopy, segment.LastUsed) = (come.Piece, now);
        }
        return true;
    }

    private void PutCheckpoint(Segment leaf, DiskPiece piece, NativeBytes body, long now)
    {
        var (head, part) = (piece.Head, piece.Head.IsWhole ? StatePart.Whole : StatePart.AtEnd);
        store.Put(leaf, new StateCheckpoint(StateBody.State(body, head.End), head.StateBytes, head.Kind!.Value, part) { LastUsed = now });
        (leaf.CheckpointCopy, leaf.LastUsed) = (piece, now);
    }

    /// <summary>Rows that were read.</summary>
    /// <param name="Until">The place up to which they are the prompt's.</param>
    private sealed record RowsCome(DiskPiece Piece, NativeBytes Body, int Until);
}
