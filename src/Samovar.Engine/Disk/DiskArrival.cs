using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Puts what is read from the disk into host memory, piece by piece, at its place in the tree. The engine's thread only.</summary>
internal sealed unsafe class DiskArrival(SegmentTree tree, ParkedStore store, StateTraits traits, SegmentOwners owners, string scope)
{
    /// <summary>Where the state that has come ends; null where none has.</summary>
    public Segment? End { get; private set; }

    /// <summary>Tokens of the path that can be gone on from.</summary>
    public int Depth { get; private set; }

    /// <summary>Takes a piece in; false where it is of no use, and what follows is not either.</summary>
    /// <param name="read">What it was read for.</param>
    /// <param name="now">The engine's turn count.</param>
    public bool Take(DiskRead read, DiskPiece piece, NativeBytes body, long now)
    {
        var until = Math.Min(StateBody.Until(piece.Head, body, read.Path.Tokens), read.Plan.Until);
        if (until <= piece.Head.Start || piece.IsGone) return false;
        var leaf = tree.Insert(tree.Root(scope), read.Path.Tokens[..until].ToArray());
        leaf.IsClaimed = true;
        try
        {
            var isThere = piece.Head.IsRows ? PutRows(leaf, piece, body, now) : PutCheckpoint(leaf, piece, body, now);
            if (!isThere) return false;
            leaf.Store();
            owners.AddUsersOf(leaf, piece);
            End = leaf;
            if (!piece.Head.IsRows || traits.Checkpoints == CheckpointPart.None) Depth = leaf.End;
            return true;
        }
        finally
        {
            leaf.IsClaimed = false;
            tree.Prune(leaf);
        }
    }

    private bool PutRows(Segment leaf, DiskPiece piece, NativeBytes body, long now)
    {
        var saved = leaf.LastWithRows();
        if (saved.End >= leaf.End) return true; // host memory has them meanwhile
        if (piece.Head.Start > saved.End) return false; // what it had in front of them has gone
        if (!store.Reserve((long)(leaf.End - saved.End) * traits.Layout!.BytesPerToken, saved.Rows is null ? null : saved)) return false;
        var missing = leaf.PathBehind(saved.End); // making room may have cut segments
        while (missing.TryPop(out var segment))
        {
            var part = StateBody.Rows(body, piece.Head).Part(segment.Start - piece.Head.Start, segment.Tokens.Length);
            segment.RowsCopy = piece; // before it is said to be there
            segment.LastUsed = now;
            store.Put(segment, StateRows.Copy(traits.Layout, part));
        }
        return true;
    }

    private bool PutCheckpoint(Segment leaf, DiskPiece piece, NativeBytes body, long now)
    {
        var head = piece.Head;
        if (leaf.Checkpoint is not null) return true;
        if (!head.IsWhole && leaf.Rows is null) return false; // what host memory had in front of it has gone meanwhile
        if (!store.Reserve(head.StateBytes, leaf.Rows is null ? null : leaf)) return false;
        leaf.CheckpointCopy = piece;
        leaf.LastUsed = now;
        store.Put(leaf, new StateCheckpoint(
            StateBody.State(body, head.End), head.StateBytes, head.Kind!.Value, head.IsWhole ? StatePart.Whole : StatePart.AtEnd)
            { LastUsed = now });
        return true;
    }
}
