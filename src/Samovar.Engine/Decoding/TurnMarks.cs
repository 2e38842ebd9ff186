namespace Samovar.Engine.Decoding;

/// <summary>The places at which a turn's prompt is saved on the way, where a state cannot be cut anywhere. The engine's thread
/// only.</summary>
/// <remarks>
/// 1 those that came with the turn; 2 inside a long stretch that is new, places at 128, 256, 512 … tokens in front of its end, so that an
/// edit at a distance costs at most twice that; 3 where the prompt leaves what is known, if that is far behind what could be had: others
/// came this way, and the next one shall not pay again; 4 where a turn that waits leaves this one. Of places that are close together one
/// is enough.
/// </remarks>
internal sealed class TurnMarks
{
    private const int CloseTokens = 8;
    private const int IntervalMin = 128, IntervalMarksMax = 16, IntervalGapMin = 32;
    private const int BranchTokensMin = 64, BranchCloseTokens = 16;
    private readonly List<PromptMark> _marks = []; // those that are still to come, in their order

    /// <summary>How many are still to come.</summary>
    public int Count => _marks.Count;

    /// <summary>A turn has a stream.</summary>
    /// <param name="given">What came with it.</param>
    /// <param name="from">Tokens that are there.</param>
    /// <param name="known">Tokens that somebody had before.</param>
    /// <param name="to">Tokens that are computed in chunks.</param>
    public void Place(IReadOnlyList<PromptMark> given, int from, int known, int to)
    {
        _marks.Clear();
        // :: 1
        foreach (var mark in given)
            if (mark.Position > from && mark.Position <= to) Add(mark);
        // :: 3
        if (known - from > BranchTokensMin && known <= to && !HasNear(known - BranchCloseTokens, known))
            Add(new PromptMark(known, MarkKind.Branch));
        // :: 2
        var distance = IntervalMin;
        for (var count = 0; count < IntervalMarksMax && to - distance - from >= IntervalGapMin; count++, distance *= 2)
            if (!HasNear(to - distance - CloseTokens, to - distance)) // one behind it is of no use to an edit between the two
                Add(new PromptMark(to - distance, MarkKind.Interval));
    }

    /// <summary>A place that others wait for. :: 4</summary>
    /// <param name="position">The place.</param>
    /// <param name="from">Tokens that are there.</param>
    public void AddBranch(int position, int from)
    {
        if (position > from && !_marks.Exists(mark => mark.Position == position)) Add(new PromptMark(position, MarkKind.Branch));
    }

    /// <summary>Tokens up to the next place; many where there is none.</summary>
    public int Until(int from)
    {
        while (_marks.Count > 0 && _marks[0].Position <= from) _marks.RemoveAt(0);
        return _marks.Count > 0 ? _marks[0].Position - from : int.MaxValue;
    }

    /// <summary>What ends at a place; null where nothing does.</summary>
    public MarkKind? Take(int position)
    {
        while (_marks.Count > 0 && _marks[0].Position < position) _marks.RemoveAt(0);
        if (_marks.Count == 0 || _marks[0].Position != position) return null;
        var kind = _marks[0].Kind;
        _marks.RemoveAt(0);
        return kind;
    }

    /// <summary>What is worth to be kept right where the turn goes on, because a place comes so soon that it is not computed for.</summary>
    public MarkKind? TakeNear(int position)
    {
        if (Until(position) > CloseTokens) return null;
        return Take(_marks[0].Position);
    }

    /// <summary>The place to wait for on the way to a position: the position itself where none is near in front of it.</summary>
    public int Before(int position, int from)
    {
        for (var at = _marks.Count - 1; at >= 0; at--)
            if (_marks[at].Position <= position)
                return _marks[at].Position > from && position - _marks[at].Position <= BranchCloseTokens ? _marks[at].Position : position;
        return position;
    }

    private bool HasNear(int from, int to) => _marks.Exists(mark => mark.Position >= from && mark.Position <= to);

    private void Add(PromptMark mark)
    {
        var at = _marks.FindIndex(other => other.Position > mark.Position);
        at = at < 0 ? _marks.Count : at;
        var isClose = (at > 0 && mark.Position - _marks[at - 1].Position < CloseTokens)
            || (at < _marks.Count && _marks[at].Position - mark.Position < CloseTokens);
        if (!isClose || mark.Kind is MarkKind.Branch or MarkKind.Interval) _marks.Insert(at, mark);
    }
}
