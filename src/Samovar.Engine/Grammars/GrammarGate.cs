using Samovar.Engine.Drafting;

namespace Samovar.Engine.Grammars;

/// <summary>What a grammar says to a token.</summary>
internal enum GateAnswer
{
    Allowed,
    Refused,

    /// <summary>The allowance was spent; the same question again goes on where it stopped.</summary>
    Unfinished,
}

/// <summary>Holds one turn to its grammar: judges the token that was drawn, and where it is refused says which there are.</summary>
/// <remarks>Belongs to the engine's thread; nothing in it depends on where the turn runs, so it waits as long as the turn does.</remarks>
internal sealed class GrammarGate
{
    private readonly CompiledGrammar _grammar;
    private readonly int? _begun;
    private LiveState? _state;  // after the tokens that were accepted; null before the first question
    private LiveState? _ahead;  // after the bytes of the token that is judged
    private int _judged = -1;
    private int _bytesJudged;
    private MaskWalk? _walk;
    private long _spent;
    private long _spentUnweighed;

    /// <param name="grammar">The grammar.</param>
    /// <param name="begun">The part without triggers that has begun before the first token; null for none.</param>
    public GrammarGate(CompiledGrammar grammar, int? begun) => (_grammar, _begun) = (grammar, begun);

    /// <summary>Whether the token may come next.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public GateAnswer Judge(int token, StepAllowance steps)
    {
        var before = steps.Taken;
        _state ??= _grammar.Learned.Start(_begun, steps);
        if (token < 0) return GateAnswer.Refused;
        if (_grammar.Tokenizer.IsEndOfGeneration(token)) return _state.MayEnd ? GateAnswer.Allowed : GateAnswer.Refused;
        if (_judged != token) (_judged, _bytesJudged, _ahead) = (token, 0, _state);
        var answer = JudgeOn(_grammar.Tokenizer.Piece(token, special: true).Span, steps);
        Spend(steps.Taken - before);
        return answer;
    }

    /// <summary>The tokens that may come next; null where the allowance was spent first.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public ulong[]? Mask(StepAllowance steps)
    {
        if (_grammar.Learned.MaskOf(_state!) is { } known) return known;
        var before = steps.Taken;
        _walk ??= new MaskWalk(_grammar.Learned, _grammar.Tree, _state!);
        var mask = _walk.Go(steps);
        if (mask is not null) _walk = null;
        Spend(steps.Taken - before);
        return mask;
    }

    /// <summary>Takes the token that was just judged and allowed.</summary>
    /// <exception cref="GrammarFaultException">The grammar's state has grown beyond its bounds.</exception>
    public void Accept()
    {
        _state = _ahead;
        _spentUnweighed += _spent;
        (_judged, _ahead, _walk, _spent) = (-1, null, null, 0);
        if (_spentUnweighed < _grammar.Bounds.StepsPerRound) return;
        _spentUnweighed = 0;
        StateWeight.Check(_state!, _grammar.Bounds.LearnedBytesMax);
    }

    /// <summary>Puts in what must come, and ends a draft where it may not go on, as far as the allowance shows; nothing is taken.</summary>
    /// <returns>Tokens that it has then.</returns>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public int Shape(DraftText draft, StepAllowance steps) =>
        new DraftShaper(_grammar).Shape(draft, _state ??= _grammar.Learned.Start(_begun, steps), steps);

    private GateAnswer JudgeOn(ReadOnlySpan<byte> piece, StepAllowance steps)
    {
        if (piece.IsEmpty || piece[0] == 0) return GateAnswer.Refused;
        for (; _bytesJudged < piece.Length; _bytesJudged++)
        {
            if (steps.IsSpent) return GateAnswer.Unfinished;
            steps.Take();
            _ahead = _grammar.Learned.Next(_ahead!, piece[_bytesJudged], steps);
            if (_ahead.IsDead)
            {
                _judged = -1;
                return GateAnswer.Refused;
            }
        }
        return GateAnswer.Allowed;
    }

    private void Spend(int steps)
    {
        _spent += steps;
        if (_spent > _grammar.Bounds.StepsPerToken)
            throw new GrammarFaultException(
                "The grammar needs too much work for one token; fewer counts and choices inside each other would do.");
    }
}
