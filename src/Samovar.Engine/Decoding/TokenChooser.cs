using Samovar.Engine.Drafting;
using Samovar.Engine.Grammars;
using Samovar.Engine.Sampling;

namespace Samovar.Engine.Decoding;

/// <summary>Turns logits into a turn's next step, and says whether the turn ends with it.</summary>
internal sealed class TokenChooser(ITokenizer tokenizer, CandidateBuffer candidates, int contextTokens, int grammarSteps)
{
    private const int DraftShare = 4; // of the steps are for drafts
    private int _stepsPerTurn;

    /// <summary>A new round, in which the turns share the steps of their grammars.</summary>
    public void BeginRound(int turns) => _stepsPerTurn = Math.Max(1, grammarSteps / Math.Max(1, turns));

    /// <summary>What a turn's grammar may do to choose the tokens of this round.</summary>
    public StepAllowance Allowance() => new(Math.Max(1, _stepsPerTurn - _stepsPerTurn / DraftShare));

    /// <summary>Chooses a token and adds it to the turn; null when there is nothing to choose: for now, or the turn has a fault.</summary>
    public TokenStep? Next(TurnRun turn, ReadOnlySpan<float> logits, StepAllowance steps)
    {
        if (logits.IsEmpty) return null;
        try
        {
            return Taken(turn, logits, turn.Sampler!.Sample(logits, candidates, steps));
        }
        catch (GrammarFaultException) when (!turn.Spec.Sampling.IsGrammarDemanded)
        {
            turn.Sampler!.LeaveGrammar();
            return Taken(turn, logits, turn.Sampler.Sample(logits, candidates, steps));
        }
        catch (GrammarFaultException fault)
        {
            turn.GrammarFault = fault.Message;
            return null;
        }
    }

    /// <summary>Makes a draft what the turn's grammar demands and admits, as far as that can be told for a part of a round's steps; its
    /// tokens then.</summary>
    public int Shape(TurnRun turn, DraftText draft)
    {
        try
        {
            return turn.Sampler!.Shape(draft, new StepAllowance(Math.Max(1, _stepsPerTurn / DraftShare)));
        }
        catch (GrammarFaultException) // if it is one for what is sampled, too, that ends the turn
        {
            return 0;
        }
    }

    /// <summary>Whether a turn ends with the token.</summary>
    public bool IsEnd(TurnRun turn, int token) => tokenizer.IsEndOfGeneration(token) || turn.Spec.StopTokens.Contains(token);

    private TokenStep? Taken(TurnRun turn, ReadOnlySpan<float> logits, int? chosen)
    {
        if (chosen is not { } token) return null;
        if (token < 0) throw new GrammarFaultException("The grammar allows none of the model's tokens.");
        var isEndOfGeneration = tokenizer.IsEndOfGeneration(token);
        var isEnd = IsEnd(turn, token);
        if (!isEnd) turn.Sampler!.Accept(token);
        turn.Generated.Add(token);
        var piece = isEndOfGeneration ? default : tokenizer.Piece(token);
        if (turn.Spec.Sampling.TopLogprobs is not { } count) return new TokenStep(token, piece, isEnd, null, null);
        var normalizer = LogProbabilities.Normalizer(logits);
        var top = LogProbabilities.Top(logits, normalizer, Math.Clamp(count, 0, 20), tokenizer);
        return new TokenStep(token, piece, isEnd, (float)(logits[token] - normalizer), top);
    }

    public EngineTurnEndKind? EndOf(TurnRun turn, TokenStep step) =>
        step.IsEnd ? EngineTurnEndKind.EndOfGeneration
        : turn.Generated.Count >= turn.Spec.OutputTokensMax ? EngineTurnEndKind.OutputLimit
        : turn.Slot!.Length >= contextTokens ? EngineTurnEndKind.ContextFull
        : null;
}
