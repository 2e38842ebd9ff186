using Samovar.Engine.Retention;

namespace Samovar.Engine.Disk;

/// <summary>Which file goes first: of those that no other needs, the one of least worth. Under the index's lock.</summary>
/// <remarks>A choice takes O(log n) among n files: a file is valued when something happens to it, and when its worth is over.</remarks>
internal sealed class DiskOrder(DiskWorth worth)
{
    private readonly RetentionQueue<DiskPiece> _queue = new();
    private readonly Dictionary<UInt128, DiskPiece> _rows = []; // by their ends
    private readonly Dictionary<UInt128, HashSet<DiskPiece>> _waiting = []; // for rows with that end

    public void Add(DiskPiece piece)
    {
        Link(piece);
        if (piece.Head.IsRows)
        {
            _rows[piece.Head.EndHash] = piece;
            foreach (var behind in _waiting.GetValueOrDefault(piece.Head.EndHash)?.ToList() ?? [])
            {
                Wait(behind, isOver: true);
                Link(behind);
            }
        }
        Changed(piece);
    }

    public void Remove(DiskPiece piece)
    {
        _queue.Remove(piece);
        if (_rows.GetValueOrDefault(piece.Head.EndHash) == piece) _rows.Remove(piece.Head.EndHash);
        Wait(piece, isOver: true);
        if (piece.Front is { } front)
        {
            front.Behind.Remove(piece);
            piece.Front = null;
            Changed(front);
        }
        foreach (var behind in piece.Behind.ToList())
        {
            behind.Front = null;
            Link(behind); // what it needed may have been cut, or written again
        }
        piece.Behind.Clear();
    }

    /// <summary>Something happened to a piece that may change what it is worth.</summary>
    public void Changed(DiskPiece piece)
    {
        if (piece is not { IsWritten: true, Behind.Count: 0 })
        {
            _queue.Remove(piece);
            return;
        }
        var (now, until) = worth.Of(piece);
        _queue.Set(piece, now, until);
    }

    /// <summary>The one that goes next; null where there is none.</summary>
    public DiskPiece? First()
    {
        while (_queue.TryTakeStale(worth.Now, out var stale)) Changed(stale);
        for (var looks = 0; _queue.TryPeek(out var piece, out var known); looks++)
        {
            if (looks > _queue.Count || worth.Of(piece).Worth <= known) return piece;
            Changed(piece);
        }
        return null;
    }

    private void Link(DiskPiece piece)
    {
        if (piece.Head.Before == 0) return;
        if ((_rows.GetValueOrDefault(piece.Head.Before) ?? _rows.GetValueOrDefault(NearestOf(piece.Head))) is not { } front)
        {
            Wait(piece, isOver: false);
            return;
        }
        piece.Front = front;
        front.Behind.Add(piece);
        Changed(front);
    }

    private void Wait(DiskPiece piece, bool isOver)
    {
        if (piece.Head.Before == 0) return;
        foreach (var end in (UInt128[])[piece.Head.Before, NearestOf(piece.Head)])
            if (!isOver) (_waiting.TryGetValue(end, out var others) ? others : _waiting[end] = []).Add(piece);
            else if (_waiting.TryGetValue(end, out var known) && known.Remove(piece) && known.Count == 0) _waiting.Remove(end);
    }

    /// <summary>Where the rows end that it needs at least.</summary>
    private static UInt128 NearestOf(PieceHead head) => head.IsRows ? head.StartHash : head.EndHash;
}
