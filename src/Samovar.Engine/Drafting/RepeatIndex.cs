namespace Samovar.Engine.Drafting;

/// <summary>The tokens of one stream, in which what was written last is found again where it stood before.</summary>
/// <remarks>
/// Chains by hash, as compressors of the LZ77 family have them: each place knows the one before it that ends with the same few tokens. One
/// token more costs a table entry, a look-up as many comparisons as are set here, and a cut puts back exactly what was there.
/// Where no two tokens stood together before, the newest place of the last one alone is found: a batch of two often costs hardly more than
/// a lone token. Memory is bounded by the stream: 20 to 40 bytes a token, where its cells take thousands.
/// </remarks>
internal sealed class RepeatIndex
{
    /// <summary>Tokens that must agree for a place to be found.</summary>
    public const int MatchMin = 1;

    /// <summary>Tokens that are compared at most: what agrees this far is as good as what agrees further.</summary>
    public const int MatchMax = 24;

    private const int PairMin = 2; // tokens of a chain by hash
    private const int CandidatesMax = 16;
    private const int None = -1;
    private const int SizeFirst = 256;
    private int[] _tokens = [], _previous = [], _newest = [], _previousLone = [], _newestLone = [];
    private int _source = None; // where what is written now was found, as long as it goes on as it did there

    /// <summary>Tokens that it has.</summary>
    public int Length { get; private set; }

    /// <summary>Adds the next token.</summary>
    public void Append(int token)
    {
        if (Length == _tokens.Length) Grow();
        if (_source != None) _source = _tokens[_source + 1] == token ? _source + 1 : None;
        _tokens[Length++] = token;
        Link(Length - 1);
    }

    /// <summary>Forgets the tokens from a place on.</summary>
    public void Truncate(int length)
    {
        _source = None;
        for (; Length > length; Length--)
        {
            _newestLone[LoneSlot(Length - 1)] = _previousLone[Length - 1];
            if (Length >= PairMin) _newest[Slot(Length - 1)] = _previous[Length - 1];
        }
    }

    /// <summary>Writes what followed the last tokens where they stood before; of several places the one where most of them agree, the
    /// newest of equals; but where the text goes on as at the place found before, that one.</summary>
    /// <param name="draft">As many tokens as are wanted; what runs into the end goes on as it has begun.</param>
    /// <returns>How many of the last tokens agree; 0 where they are new, and nothing is written.</returns>
    public int Find(Span<int> draft)
    {
        if (Length < PairMin) return 0;
        var (best, matched) = _source == None ? (None, 0) : (_source, Agreeing(_source));
        var at = _previous[Length - 1];
        for (var tried = 0; at != None && tried < CandidatesMax && matched < MatchMax; tried++, at = _previous[at])
            if (Agreeing(at) is var agreeing && agreeing >= PairMin && agreeing > matched) (best, matched) = (at, agreeing);
        if (best == None && LonePlace() is var lone and not None) (best, matched) = (lone, 1);
        _source = best;
        if (best == None) return 0;
        for (int index = 0, from = best + 1; index < draft.Length; index++, from++)
            draft[index] = from < Length ? _tokens[from] : draft[from - Length];
        return matched;
    }

    /// <summary>Where the last token stood before, behind whatever.</summary>
    private int LonePlace()
    {
        var at = _previousLone[Length - 1];
        for (var tried = 0; at != None && tried < CandidatesMax; tried++, at = _previousLone[at])
            if (_tokens[at] == _tokens[Length - 1]) return at;
        return None;
    }

    private int Agreeing(int at)
    {
        var (agreeing, last) = (0, Length - 1);
        while (agreeing < MatchMax && agreeing <= at && _tokens[at - agreeing] == _tokens[last - agreeing]) agreeing++;
        return agreeing;
    }

    private void Link(int at)
    {
        ref var lone = ref _newestLone[LoneSlot(at)];
        (_previousLone[at], lone) = (lone, at);
        _previous[at] = None;
        if (at + 1 < PairMin) return;
        ref var newest = ref _newest[Slot(at)];
        (_previous[at], newest) = (newest, at);
    }

    private int Slot(int at)
    {
        var hash = unchecked(((uint)_tokens[at] * 0x9E3779B1u ^ (uint)_tokens[at - 1]) * 0xC2B2AE35u);
        return (int)((hash ^ hash >> 15) & (uint)(_newest.Length - 1));
    }

    private int LoneSlot(int at) => _tokens[at] & (_newestLone.Length - 1);

    /// <summary>Twice the room; the chains are made again, so that they stay short.</summary>
    private void Grow()
    {
        var size = Math.Max(SizeFirst, _tokens.Length * 2);
        Array.Resize(ref _tokens, size);
        Array.Resize(ref _previous, size);
        Array.Resize(ref _previousLone, size);
        (_newest, _newestLone) = (new int[size], new int[size]);
        Array.Fill(_newest, None);
        Array.Fill(_newestLone, None);
        for (var at = 0; at < Length; at++) Link(at);
    }
}
