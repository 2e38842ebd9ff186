namespace Samovar.Engine.Disk;

/// <summary>Which state files there are, found by the paths that they are of. Safe for all threads.</summary>
internal sealed class DiskIndex
{
    private readonly Lock _gate = new();
    private readonly DiskKeyRing _ring;
    private readonly Dictionary<string, DiskPiece> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, List<DiskPiece>> _steps = [];
    private readonly Dictionary<DiskKeys, int> _ofKeys = [];
    private readonly DiskOrder _order;
    private long _bytes, _tokens;

    public DiskIndex(DiskKeyRing ring, DiskWorth worth, TimeProvider time)
    {
        (_ring, _order) = (ring, new DiskOrder(worth));
        Uses = new DiskUses(_gate, time);
    }

    /// <summary>Whose the pieces are.</summary>
    public DiskUses Uses { get; }

    /// <summary>Bytes of the files.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <summary>Tokens whose state the files have.</summary>
    public long Tokens { get { lock (_gate) return _tokens; } }

    public bool IsEmpty { get { lock (_gate) return _steps.Count == 0; } }

    /// <summary>The hashes by which new pieces of a path are named.</summary>
    public PathHashes Hashes(string scope, int[] tokens) => new(_ring.Newest, scope, tokens);

    /// <summary>
    /// Names a piece that is to be written. Where one is there already, or about to be, that says as much, it is that one, and counts as
    /// used. One that says less stays until the new one's file is there.
    /// </summary>
    /// <remarks>Whoever gets a new one, by its head, adds it or removes it.</remarks>
    public DiskPiece Claim(PieceHead head, DateTime now) => Claim(head, _ring.Newest, now);

    /// <param name="keys">Those that it is named by.</param>
    public DiskPiece Claim(PieceHead head, DiskKeys keys, DateTime now)
    {
        lock (_gate)
        {
            if (_names.TryGetValue(head.Name, out var there) && there.Head.Start <= head.Start)
            {
                Use(there, now);
                return there;
            }
            var piece = new DiskPiece(head, keys, now) { Replaces = there is { IsWritten: false } ? there.Replaces : there };
            if (there is { IsWritten: false }) GiveWay(there, piece);
            return _names[head.Name] = piece;
        }
    }

    /// <summary>A piece's file is there.</summary>
    public void Add(DiskPiece piece)
    {
        lock (_gate)
        {
            if (piece.IsWritten) return;
            if (_names.TryGetValue(piece.Head.Name, out var named) && !ReferenceEquals(named, piece))
            {
                if (named.Replaces is { } earlier) GiveWay(earlier, named); // a newer one is on its way, and this one's file is over that
                return;
            }
            if (piece.IsGone) return;
            if (piece.Replaces is { } shorter) GiveWay(shorter, piece);
            piece.IsWritten = true;
            _names[piece.Head.Name] = piece;
            (_bytes, _tokens) = (_bytes + piece.Head.FileBytes, _tokens + piece.Head.StateTokens);
            _ofKeys[piece.Keys] = _ofKeys.GetValueOrDefault(piece.Keys) + 1;
            foreach (var step in piece.Head.Steps)
                if (_steps.TryGetValue(step, out var others)) others.Add(piece);
                else _steps[step] = [piece];
            _order.Add(piece);
        }
    }

    /// <summary>A piece's file is not there, or is to go. True where no piece has its name now: a file of that name is nobody's.</summary>
    public bool Remove(DiskPiece piece)
    {
        lock (_gate)
        {
            Drop(piece);
            return !_names.ContainsKey(piece.Head.Name);
        }
    }

    /// <summary>Makes room: the pieces that have to go, those of least worth first; null where it is more than all may take.</summary>
    /// <param name="bytes">For a new one.</param>
    /// <param name="bytesMax">What all may take.</param>
    public IReadOnlyList<DiskPiece>? Reserve(long bytes, long bytesMax)
    {
        if (bytes > bytesMax) return null;
        lock (_gate)
        {
            if (_bytes + bytes <= bytesMax) return [];
            var gone = new List<DiskPiece>();
            while (_bytes + bytes > bytesMax && _order.First() is { } piece)
            {
                Drop(piece);
                gone.Add(piece);
            }
            return gone;
        }
    }

    /// <summary>Whatever leads to a place was of use.</summary>
    /// <param name="ending">How the last turn ended that used it, where that is known.</param>
    public void Touch(IEnumerable<DiskPiece> pieces, DateTime now, TurnEnding? ending = null)
    {
        lock (_gate)
            foreach (var piece in pieces)
            {
                piece.Ending = ending ?? piece.Ending;
                Use(piece, now);
            }
    }

    /// <summary>Pieces that nobody is known to have a right to.</summary>
    public IReadOnlyList<DiskPiece> TakeUnowned()
    {
        lock (_gate)
        {
            var unowned = _names.Values.Where(static piece => piece.IsWritten && piece.Users.Count == 0).ToList();
            foreach (var piece in unowned) Drop(piece);
            return unowned;
        }
    }

    /// <summary>Pieces of which nobody needs the end.</summary>
    public IReadOnlyList<DiskPiece> UsedInPart()
    {
        lock (_gate) return [.. _names.Values.Where(piece => piece.IsWritten && Uses.NeededUntil(piece) < piece.Head.End)];
    }

    public DiskPiece? Named(string name)
    {
        lock (_gate) return _names.GetValueOrDefault(name);
    }

    /// <summary>Which files have the state of a prompt's start.</summary>
    /// <param name="path">The prompt.</param>
    /// <param name="have">Tokens whose rows are not needed.</param>
    /// <param name="usable">Tokens that are of use at most.</param>
    /// <param name="needsPoint">Whether rows are of use only up to a checkpoint.</param>
    public DiskPlan? Plan(PromptHashes path, int have, int usable, bool needsPoint)
    {
        lock (_gate)
        {
            var known = Known(path);
            var rows = Cover(known, have, out var covered);
            if (!needsPoint) return covered > have ? DiskPlan.Of(rows, null, Math.Min(covered, usable), usable) : null;
            var point = known.Where(pair => !pair.Piece.Head.IsRows && pair.Tokens == pair.Piece.Head.End
                    && pair.Tokens <= usable && (pair.Piece.Head.IsWhole || pair.Tokens <= covered))
                .OrderByDescending(pair => pair.Tokens).Select(pair => pair.Piece).FirstOrDefault();
            return point is null ? null : DiskPlan.Of(point.Head.IsWhole ? [] : rows, point, point.Head.End, point.Head.End);
        }
    }

    /// <summary>The pieces that have a start of their paths in common with the prompt, and how much of it.</summary>
    private List<(DiskPiece Piece, int Tokens)> Known(PromptHashes prompt)
    {
        var known = new List<(DiskPiece, int)>();
        foreach (var (keys, count) in _ofKeys)
        {
            if (count == 0) continue;
            var path = prompt.Under(keys);
            var common = new Dictionary<DiskPiece, int>();
            for (var at = 0; at < path.Length; at += PathHashes.StepTokens)
                if (_steps.TryGetValue(path.At(at), out var pieces))
                    foreach (var piece in pieces) common[piece] = at;
            foreach (var (piece, at) in common)
            {
                var head = piece.Head;
                var isWhole = at == PathHashes.StepBefore(head.End) && head.End <= path.Length && path.At(head.End) == head.EndHash;
                known.Add((piece, isWhole ? head.End : at));
            }
        }
        return known;
    }

    /// <summary>Of the pieces that begin where rows are there already, always the one that reaches furthest.</summary>
    private static List<DiskPiece> Cover(List<(DiskPiece Piece, int Tokens)> known, int have, out int covered)
    {
        var (chosen, next, reach) = (new List<DiskPiece>(), (DiskPiece?)null, have);
        covered = have;
        foreach (var (piece, tokens) in known.Where(static pair => pair.Piece.Head.IsRows).OrderBy(static pair => pair.Piece.Head.Start))
        {
            if (piece.Head.Start > covered) Choose(ref covered);
            if (piece.Head.Start > covered) break; // a gap
            if (tokens > reach) (next, reach) = (piece, tokens);
        }
        Choose(ref covered);
        return chosen;

        void Choose(ref int until)
        {
            if (next is null) return;
            chosen.Add(next);
            (until, next) = (reach, null);
        }
    }

    private void Use(DiskPiece piece, DateTime now)
    {
        piece.LastUsed = now;
        _order.Changed(piece);
    }

    /// <summary>A piece takes the place of a shorter one.</summary>
    private void GiveWay(DiskPiece shorter, DiskPiece piece)
    {
        Uses.Move(shorter, piece);
        Drop(shorter);
        if (ReferenceEquals(piece.Replaces, shorter)) piece.Replaces = null;
    }

    private void Drop(DiskPiece piece)
    {
        piece.IsGone = true;
        DiskUses.Dropped(piece);
        if (_names.TryGetValue(piece.Head.Name, out var named) && ReferenceEquals(named, piece))
            if (piece.Replaces is { IsWritten: true } shorter) _names[piece.Head.Name] = shorter;
            else _names.Remove(piece.Head.Name);
        piece.Replaces = null;
        if (!piece.IsWritten) return;
        piece.IsWritten = false;
        (_bytes, _tokens) = (_bytes - piece.Head.FileBytes, _tokens - piece.Head.StateTokens);
        _ofKeys[piece.Keys]--;
        _order.Remove(piece);
        foreach (var step in piece.Head.Steps)
            if (_steps.TryGetValue(step, out var pieces) && pieces.Remove(piece) && pieces.Count == 0) _steps.Remove(step);
    }
}
