using Samovar.Engine.Sampling;

namespace Samovar.Engine.Decoding;

/// <summary>Turns logits into a turn's next step, and says whether the turn ends with it.</summary>
internal sealed class TokenChooser(ITokenizer tokenizer, CandidateBuffer candidates, int contextTokens)
{
    /// <summary>Chooses a token and adds it to the turn; null when there is none to choose.</summary>
    public TokenStep? Next(TurnRun turn, ReadOnlySpan<float> logits)
    {
        if (logits.IsEmpty) return null;
        var token = turn.Sampler!.Sample(logits, candidates);
        if (token < 0) return null;
        var isEndOfGeneration = tokenizer.IsEndOfGeneration(token);
        var isEnd = isEndOfGeneration || turn.Spec.StopTokens.Contains(token);
        if (!isEnd) turn.Sampler.Accept(token);
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
