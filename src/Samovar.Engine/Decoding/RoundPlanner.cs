namespace Samovar.Engine.Decoding;

/// <summary>Says what a round computes of whose prompt. Pure but for what it learns: the same turns and times, the same plans.</summary>
/// <param name="pace">What chunks take.</param>
/// <param name="budget">What a round may take while others speak.</param>
/// <param name="guess">What is usual for the model.</param>
/// <param name="delayMax">About how long a chunk takes that nobody's token waits for.</param>
/// <param name="batchTokens">Tokens of a batch.</param>
internal sealed class RoundPlanner(PrefillPace pace, RoundBudget budget, PrefillGuess guess, TimeSpan delayMax, int batchTokens)
{
    /// <summary>What a flow must have used less than all who speak, for its prompt to take all of the time that is agreed: they are many
    /// turns of a flood, and it is one that comes now and then.</summary>
    public const double Owed = 4096;

    /// <summary>The turn that prefills and how many tokens; null where none does in this round.</summary>
    public (int Turn, int Tokens)? Prompt(ReadOnlySpan<BatchCandidate> turns)
    {
        if (BatchPlanner.Next(turns) is not (>= 0 and var next)) return null;
        var (isHeard, isAwaited, leastUsed) = (false, false, double.PositiveInfinity);
        foreach (var turn in turns)
        {
            (isHeard, isAwaited) = (isHeard || turn.Decodes, isAwaited || turn.IsAwaited);
            if (turn.IsAwaited) leastUsed = Math.Min(leastUsed, turn.Used);
        }
        var (left, depth, isOwed) = (turns[next].PrefillLeft, turns[next].Depth, turns[next].Used + Owed <= leastUsed);
        if (!isHeard)
        {
            budget.Forget();
            return (next, Math.Min(left, guess.Chunk(depth, delayMax, batchTokens)));
        }
        if (budget.TakeChunk(mustCompute: !isAwaited) is not { } time) return null;
        return (next, pace.Tokens(left, depth, isOwed ? time.Most : time.Good, time.Most));
    }
}
