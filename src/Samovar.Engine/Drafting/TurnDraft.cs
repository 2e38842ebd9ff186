namespace Samovar.Engine.Drafting;

/// <summary>One turn's draft of what it says next, and how its drafts fared.</summary>
/// <param name="tokensMax">Tokens of a draft.</param>
internal sealed class TurnDraft(int tokensMax)
{
    private readonly int[] _tokens = new int[tokensMax];
    private readonly int[] _agreed = new int[tokensMax];
    private int _found, _heard;

    public DraftOdds Odds { get; } = new();

    /// <summary>Tokens that were computed as drafts.</summary>
    public int Drafted { get; private set; }

    /// <summary>Tokens of these that came.</summary>
    public int Accepted { get; private set; }

    /// <summary>What the next batch has of it.</summary>
    public ReadOnlySpan<int> Chosen => _tokens.AsSpan(0, Length);

    /// <summary>How many these are.</summary>
    public int Length { get; private set; }

    /// <summary>Looks for a draft of so many tokens at most.</summary>
    /// <param name="found">How many were found: none or all.</param>
    /// <returns>Room for all that there may be, with these in front; and for what each is known by.</returns>
    public (Memory<int> Tokens, Memory<int> Agreed) Find(RepeatIndex index, int tokensMost, out int found)
    {
        (_heard, _found, Length) = (0, 0, 0);
        var room = Math.Min(_tokens.Length, tokensMost);
        var matched = index.Find(_tokens.AsSpan(0, room));
        found = matched == 0 ? 0 : room;
        for (var at = 0; at < found; at++) _agreed[at] = matched + at;
        return (_tokens.AsMemory(0, room), _agreed.AsMemory(0, room));
    }

    /// <summary>That many tokens are the draft.</summary>
    public DraftCandidate Keep(int tokens, int depth)
    {
        _found = tokens;
        return new DraftCandidate(depth, _agreed, tokens, Odds);
    }

    /// <summary>So many of them are computed.</summary>
    public void Choose(int length) => Length = length;

    /// <summary>None is computed after all.</summary>
    public void Drop() => Length = 0;

    /// <summary>The batch is computed.</summary>
    public void Computed() => Drafted += Length;

    /// <summary>A token was sampled; whether the draft had it, so that the batch has its logits, too.</summary>
    public bool Hear(int token)
    {
        if (_heard >= _found) return false;
        var isRight = _tokens[_heard] == token;
        Odds.Learn(_agreed[_heard], isRight);
        if (!isRight)
        {
            (_found, Length) = (0, 0);
            return false;
        }
        if (_heard++ >= Length) return false;
        Accepted++;
        return true;
    }
}
