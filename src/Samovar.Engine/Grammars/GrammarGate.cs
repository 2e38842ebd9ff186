using Samovar.Engine.Drafting;

namespace Samovar.Engine.Grammars;

/// <summary>Holds one turn to its grammar: judges the token that was drawn, and where it is refused says which there are.</summary>
/// <remarks>
/// A turn's stop token ends the text as an end of generation does, whatever its own text is: it may come where the text may end, and as the
/// last token of a text that the grammar spells with it. What is learned of the grammar knows nothing of them, for turns share it.
/// Belongs to the engine's thread; nothing in it depends on where the turn runs, so it waits as long as the turn does.
/// </remarks>
internal sealed class GrammarGate
{
    private readonly CompiledGrammar _grammar;
    private readonly int? _begun;
    private readonly int[] _stops;
    private readonly TokenWalk _drawn, _stop; // the token that was drawn; the stop token that a mask asks for
    private LiveState? _state;   // after the tokens that were accepted; null before the first question
    private MaskWalk? _walk;
    private ulong[]? _admitted;  // by the grammar alone
    private ulong[]? _mask;      // with the stop tokens that were asked for so far
    private int _stopsAsked;
    private long _spent;
    private long _spentUnweighed;

    /// <param name="grammar">What binds the turn.</param>
    /// <param name="begun">The part without triggers that has begun before the first token; null for none.</param>
    /// <param name="stopTokens">Tokens that end the turn besides the model's own ends.</param>
    public GrammarGate(CompiledGrammar grammar, int? begun, IReadOnlyList<int> stopTokens)
    {
        (_grammar, _begun, _drawn, _stop) = (grammar, begun, new TokenWalk(grammar), new TokenWalk(grammar));
        _stops = [.. stopTokens.Where(token =>
            token >= 0 && token < grammar.Tree.VocabularySize && !grammar.Tokenizer.IsEndOfGeneration(token))];
    }

    /// <summary>Whether the token may come next.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public GateAnswer Judge(int token, StepAllowance steps)
    {
        var before = steps.Taken;
        _state ??= _grammar.Learned.Start(_begun, steps);
        if (token < 0) return GateAnswer.Refused;
        if (_grammar.Tokenizer.IsEndOfGeneration(token)) return _state.MayEnd ? GateAnswer.Allowed : GateAnswer.Refused;
        var answer = _stops.Contains(token) ? JudgeStop(_drawn, token, steps) : _drawn.Go(_state, token, steps);
        Spend(steps.Taken - before);
        return answer;
    }

    /// <summary>The tokens that may come next; null where the allowance was spent first.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public ulong[]? Mask(StepAllowance steps)
    {
        var before = steps.Taken;
        _admitted ??= Admitted(steps);
        var mask = _admitted is null || _stops.Length == 0 ? _admitted : WithStops(_admitted, steps);
        Spend(steps.Taken - before);
        return mask;
    }

    /// <summary>Takes the token that was just judged and allowed; not for one that ends the turn.</summary>
    /// <exception cref="GrammarFaultException">The grammar's state has grown beyond its bounds.</exception>
    public void Accept()
    {
        _state = _drawn.Behind;
        _drawn.Clear();
        _stop.Clear();
        _spentUnweighed += _spent;
        (_walk, _admitted, _mask, _stopsAsked, _spent) = (null, null, null, 0, 0);
        if (_spentUnweighed < _grammar.Bounds.StepsPerRound) return;
        _spentUnweighed = 0;
        StateWeight.Check(_state!, _grammar.Bounds.LearnedBytesMax);
    }

    /// <summary>Puts in what must come, and ends a draft where it may not go on, as far as the allowance shows; nothing is taken.</summary>
    /// <returns>Tokens that it has then.</returns>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public int Shape(DraftText draft, StepAllowance steps) =>
        new DraftShaper(_grammar).Shape(draft, _state ??= _grammar.Learned.Start(_begun, steps), steps);

    private ulong[]? Admitted(StepAllowance steps)
    {
        if (_grammar.Learned.MaskOf(_state!) is { } known) return known;
        _walk ??= new MaskWalk(_grammar.Learned, _grammar.Tree, _state!);
        var mask = _walk.Go(steps);
        if (mask is not null) _walk = null;
        return mask;
    }

    private ulong[]? WithStops(ulong[] admitted, StepAllowance steps)
    {
        for (_mask ??= (ulong[])admitted.Clone(); _stopsAsked < _stops.Length; _stopsAsked++)
        {
            var token = _stops[_stopsAsked];
            var answer = JudgeStop(_stop, token, steps);
            if (answer == GateAnswer.Unfinished) return null;
            if (answer == GateAnswer.Allowed) _mask[token >> 6] |= 1UL << (token & 63);
            else _mask[token >> 6] &= ~(1UL << (token & 63));
        }
        return _mask;
    }

    private GateAnswer JudgeStop(TokenWalk walk, int token, StepAllowance steps)
    {
        if (_state!.MayEnd) return GateAnswer.Allowed;
        var answer = walk.Go(_state, token, steps);
        return answer == GateAnswer.Allowed && !walk.Behind!.MayEnd ? GateAnswer.Refused : answer;
    }

    private void Spend(int steps)
    {
        _spent += steps;
        if (_spent > _grammar.Bounds.StepsPerToken)
            throw new GrammarFaultException(
                "The grammar needs too much work for one token; fewer counts and choices inside each other would do.");
    }
}
