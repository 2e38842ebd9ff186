namespace Samovar.Engine.Grammars;

/// <summary>Follows one token's text from a grammar's state, over several rounds where it must.</summary>
internal sealed class TokenWalk(CompiledGrammar grammar)
{
    private int _token = -1;
    private int _bytes;

    /// <summary>Where the text led as far as it was followed; all of it once the answer was that it is allowed.</summary>
    public LiveState? Behind { get; private set; }

    /// <summary>Whether the grammar admits the text; the same question again goes on where an allowance was spent.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public GateAnswer Go(LiveState from, int token, StepAllowance steps)
    {
        var piece = grammar.Tokenizer.Piece(token, special: true).Span;
        if (piece.IsEmpty || piece[0] == 0) return GateAnswer.Refused;
        if (_token != token) (_token, _bytes, Behind) = (token, 0, from);
        for (; _bytes < piece.Length; _bytes++)
        {
            if (steps.IsSpent) return GateAnswer.Unfinished;
            steps.Take();
            Behind = grammar.Learned.Next(Behind!, piece[_bytes], steps);
            if (!Behind.IsDead) continue;
            _token = -1;
            return GateAnswer.Refused;
        }
        return GateAnswer.Allowed;
    }

    /// <summary>The next question is asked from another state.</summary>
    public void Clear() => (_token, _bytes, Behind) = (-1, 0, null);
}
