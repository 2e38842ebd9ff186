namespace Samovar.Engine.Sampling;

/// <summary>Log-probabilities of the model's own distribution, before bias, temperature and cuts.</summary>
internal static class LogProbabilities
{
    /// <summary>The log of the sum of all exponentials: what a logit is to be reduced by.</summary>
    public static double Normalizer(ReadOnlySpan<float> logits)
    {
        var largest = float.NegativeInfinity;
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }

    /// <summary>The most likely tokens, best first.</summary>
    public static TokenAlternative[] Top(ReadOnlySpan<float> logits, double normalizer, int count, ITokenizer tokenizer)
    {
        var best = new List<int>(count + 1);
        for (var token = 0; token < logits.Length; token++)
        {
            if (best.Count == count && (count == 0 || logits[token] <= logits[best[^1]])) continue;
            var at = best.Count;
            while (at > 0 && logits[token] > logits[best[at - 1]]) at--;
            best.Insert(at, token);
            if (best.Count > count) best.RemoveAt(count);
        }
        var top = new TokenAlternative[best.Count];
        for (var rank = 0; rank < top.Length; rank++)
            top[rank] = new TokenAlternative(best[rank], tokenizer.Piece(best[rank], special: true),
                (float)(logits[best[rank]] - normalizer));
        return top;
    }
}
