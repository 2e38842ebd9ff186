namespace Samovar.Engine.Decoding;

/// <summary>What one running turn could do next.</summary>
/// <param name="Decodes">Whether its next token is sampled, now or as soon as its reader has room.</param>
/// <param name="PrefillLeft">Prompt tokens still to compute.</param>
/// <param name="Waited">Plans that passed its prefill over.</param>
/// <param name="Used">What its flow has used.</param>
internal readonly record struct BatchCandidate(bool Decodes, int PrefillLeft, int Waited, double Used = 0);

/// <summary>Chooses what one round computes. Pure: the same turns give the same plan.</summary>
/// <remarks>
/// Every decoding turn gets its token in each round, so a round's prefill is all that delays it; the chunk is bounded by the caller
/// for that. One turn prefills per round: its shapes are then those of a run alone, and prefill gains nothing from company.
/// The flow that used least goes first, so no flow starves another; of one flow's the shortest remaining prompt, but a turn that was passed
/// over some rounds in a row goes before it, so none starves either.
/// </remarks>
internal static class BatchPlanner
{
    /// <summary>Rounds that a prompt is passed over at most, times the number of prompts that wait as long.</summary>
    public const int WaitedMax = 4;

    /// <summary>The turn that prefills next and how many tokens; null when none has any left.</summary>
    /// <param name="turns">The running turns.</param>
    /// <param name="batchTokens">Tokens of a batch.</param>
    /// <param name="chunkTokens">Tokens of a chunk while others decode.</param>
    public static (int Turn, int Tokens)? Prefill(ReadOnlySpan<BatchCandidate> turns, int batchTokens, int chunkTokens)
    {
        var (chosen, decodes) = (-1, false);
        for (var index = 0; index < turns.Length; index++)
        {
            decodes |= turns[index].Decodes;
            if (turns[index].PrefillLeft > 0 && (chosen < 0 || GoesBefore(turns[index], turns[chosen]))) chosen = index;
        }
        if (chosen < 0) return null;
        return (chosen, Math.Min(turns[chosen].PrefillLeft, decodes ? Math.Min(chunkTokens, batchTokens) : batchTokens));
    }

    private static bool GoesBefore(BatchCandidate one, BatchCandidate other)
    {
        if (one.Used != other.Used) return one.Used < other.Used;
        var (oneAged, otherAged) = (one.Waited >= WaitedMax, other.Waited >= WaitedMax);
        if (oneAged || otherAged) return oneAged && (!otherAged || one.Waited > other.Waited);
        return one.PrefillLeft < other.PrefillLeft;
    }
}
