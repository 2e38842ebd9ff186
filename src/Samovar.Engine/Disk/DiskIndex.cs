namespace Samovar.Engine.Disk;

/// <summary>Which state files there are, found by the paths that they are of. Safe for all threads.</summary>
internal sealed class DiskIndex(DiskKeys keys, long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DiskPiece> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, List<DiskPiece>> _steps = [];
    private long _bytes;

    /// <summary>Bytes of the files.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    public bool IsEmpty { get { lock (_gate) return _steps.Count == 0; } }

    /// <summary>The hashes by which pieces of a path are found.</summary>
    public PathHashes Hashes(string scope, int[] tokens) => new(keys, scope, tokens);

    /// <summary>
    /// Names a piece that is to be written. Where one is there already, or about to be, that says as much, it is that one, and counts as
    /// used.
    /// </summary>
    public DiskPiece Claim(PieceHead head, DateTime now)
    {
        lock (_gate)
        {
            if (_names.TryGetValue(head.Name, out var there) && there.Head.Start <= head.Start)
            {
                there.LastUsed = now;
                return there;
            }
            if (there is not null) Drop(there);
            return _names[head.Name] = new DiskPiece(head, now);
        }
    }

    /// <summary>A piece's file is there.</summary>
    public void Add(DiskPiece piece)
    {
        lock (_gate)
        {
            if (piece.IsGone || piece.IsWritten) return;
            if (_names.TryGetValue(piece.Head.Name, out var named) && !ReferenceEquals(named, piece)) return; // a newer one is on its way
            piece.IsWritten = true;
            _names[piece.Head.Name] = piece;
            _bytes += piece.Head.FileBytes;
            foreach (var step in piece.Head.Steps)
                if (_steps.TryGetValue(step, out var others)) others.Add(piece);
                else _steps[step] = [piece];
        }
    }

    /// <summary>A piece's file is not there, or no longer.</summary>
    public void Remove(DiskPiece piece)
    {
        lock (_gate) Drop(piece);
    }

    /// <summary>Makes room: the pieces that have to go; null where it is more than all may take.</summary>
    public IReadOnlyList<DiskPiece>? Reserve(long bytes)
    {
        if (bytes > bytesMax) return null;
        lock (_gate)
        {
            if (_bytes + bytes <= bytesMax) return [];
            var gone = new List<DiskPiece>();
            foreach (var piece in _names.Values.Where(piece => piece.IsWritten) // of one path the end goes first
                .OrderBy(piece => piece.LastUsed).ThenByDescending(piece => piece.Head.End).ToList())
            {
                Drop(piece);
                gone.Add(piece);
                if (_bytes + bytes <= bytesMax) break;
            }
            return gone;
        }
    }

    /// <summary>Whatever leads to a place was of use.</summary>
    public void Touch(IEnumerable<DiskPiece> pieces, DateTime now)
    {
        lock (_gate)
            foreach (var piece in pieces) piece.LastUsed = now;
    }

    /// <summary>Which files have the state of a prompt's start.</summary>
    /// <param name="path">The prompt.</param>
    /// <param name="have">Tokens whose rows are not needed.</param>
    /// <param name="usable">Tokens that are of use at most.</param>
    /// <param name="needsPoint">Whether rows are of use only up to a checkpoint.</param>
    public DiskPlan? Plan(PathHashes path, int have, int usable, bool needsPoint)
    {
        lock (_gate)
        {
            var known = Known(path);
            var rows = Cover(known, have, out var covered);
            if (!needsPoint) return covered > have ? DiskPlan.Of(rows, null, Math.Min(covered, usable)) : null;
            var point = known.Where(pair => !pair.Piece.Head.IsRows && pair.Tokens == pair.Piece.Head.End
                    && pair.Tokens <= usable && (pair.Piece.Head.IsWhole || pair.Tokens <= covered))
                .OrderByDescending(pair => pair.Tokens).Select(pair => pair.Piece).FirstOrDefault();
            return point is null ? null : DiskPlan.Of(point.Head.IsWhole ? [] : rows, point, point.Head.End);
        }
    }

    /// <summary>The pieces that have a start of their paths in common with the prompt, and how much of it.</summary>
    private List<(DiskPiece Piece, int Tokens)> Known(PathHashes path)
    {
        var common = new Dictionary<DiskPiece, int>();
        for (var at = 0; at < path.Length; at += PathHashes.StepTokens)
            if (_steps.TryGetValue(path.At(at), out var pieces))
                foreach (var piece in pieces) common[piece] = at;
        var known = new List<(DiskPiece, int)>(common.Count);
        foreach (var (piece, at) in common)
        {
            var head = piece.Head;
            var isWhole = at == PathHashes.StepBefore(head.End) && head.End <= path.Length && path.At(head.End) == head.EndHash;
            known.Add((piece, isWhole ? head.End : at));
        }
        return known;
    }

    private static List<DiskPiece> Cover(List<(DiskPiece Piece, int Tokens)> known, int have, out int covered)
    {
        var chosen = new List<DiskPiece>();
        covered = have;
        while (true)
        {
            var (next, reach) = ((DiskPiece?)null, covered);
            foreach (var (piece, tokens) in known)
                if (piece.Head.IsRows && piece.Head.Start <= covered && tokens > reach) (next, reach) = (piece, tokens);
            if (next is null) return chosen;
            chosen.Add(next);
            covered = reach;
        }
    }

    private void Drop(DiskPiece piece)
    {
        piece.IsGone = true;
        if (_names.TryGetValue(piece.Head.Name, out var named) && ReferenceEquals(named, piece)) _names.Remove(piece.Head.Name);
        if (!piece.IsWritten) return;
        piece.IsWritten = false;
        _bytes -= piece.Head.FileBytes;
        foreach (var step in piece.Head.Steps)
            if (_steps.TryGetValue(step, out var pieces) && pieces.Remove(piece) && pieces.Count == 0) _steps.Remove(step);
    }
}

/// <summary>Files that together have the state of a prompt's start.</summary>
/// <param name="Rows">Those with rows, in their order; each begins where the one before it is of use, or earlier.</param>
/// <param name="Point">The checkpoint at the end.</param>
/// <param name="Depth">Tokens that can be had at least.</param>
internal sealed record DiskPlan(IReadOnlyList<DiskPiece> Rows, DiskPiece? Point, int Depth)
{
    public IEnumerable<DiskPiece> Pieces => Point is null ? Rows : Rows.Append(Point);

    public long Bytes => Pieces.Sum(piece => piece.Head.BodyBytes);

    public static DiskPlan Of(List<DiskPiece> rows, DiskPiece? point, int depth) =>
        new([.. rows.Where(piece => piece.Head.Start < depth)], point, depth);
}
