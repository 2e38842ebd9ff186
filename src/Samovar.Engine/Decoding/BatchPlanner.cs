namespace Samovar.Engine.Decoding;

/// <summary>What one running turn could do next.</summary>
/// <param name="Decodes">Whether its next token is sampled, now or as soon as its reader has room.</param>
/// <param name="PrefillLeft">Prompt tokens still to compute.</param>
/// <param name="Waited">Plans that passed its prefill over.</param>
/// <param name="Used">What its flow has used.</param>
/// <param name="Deadline">When its prompt should be computed, in prompt tokens that were computed since the start.</param>
/// <param name="Depth">Tokens that its stream holds.</param>
/// <param name="IsAwaited">Whether its next token is sampled in this round.</param>
internal readonly record struct BatchCandidate(
    bool Decodes, int PrefillLeft, int Waited, double Used = 0, double Deadline = 0, int Depth = 0, bool IsAwaited = false);

/// <summary>Chooses whose prompt a round goes on with. Pure: the same turns give the same plan.</summary>
/// <remarks>
/// One turn prefills per round: its shapes are then those of a run alone, and prefill gains nothing from company. First comes a prompt that
/// was passed over in many rounds in a row, whosever it is, so that none starves; then that of the flow that used least; of one flow's the
/// one with the earliest deadline. A deadline is as far away as the prompt is long, so a short prompt does not wait for a long one, and a
/// long one does not wait for every short one that comes.
/// </remarks>
internal static class BatchPlanner
{
    /// <summary>Rounds that pass a prompt over at most, times the number of prompts: whoever used least has three of four.</summary>
    public const int WaitedMax = 4;

    /// <summary>Prompt tokens that may be computed until a prompt is, for each of its own.</summary>
    public const int DeadlineShare = 4;

    /// <summary>The deadline of a prompt that comes now.</summary>
    /// <param name="computed">Prompt tokens that were computed since the start.</param>
    /// <param name="tokens">Its own.</param>
    public static double Deadline(long computed, int tokens) => computed + (double)DeadlineShare * tokens;

    /// <summary>The turn that prefills next; −1 where none has any left.</summary>
    public static int Next(ReadOnlySpan<BatchCandidate> turns)
    {
        var prompts = 0;
        foreach (var turn in turns)
            if (turn.PrefillLeft > 0) prompts++;
        var chosen = -1;
        for (var index = 0; index < turns.Length; index++)
        {
            if (turns[index].PrefillLeft == 0) continue;
            if (chosen < 0 || GoesBefore(turns[index], turns[chosen], WaitedMax * prompts)) chosen = index;
        }
        return chosen;
    }

    private static bool GoesBefore(BatchCandidate one, BatchCandidate other, int waitedMax)
    {
        var (oneAged, otherAged) = (one.Waited >= waitedMax, other.Waited >= waitedMax);
        if (oneAged || otherAged) return oneAged && (!otherAged || one.Waited > other.Waited);
        if (one.Used != other.Used) return one.Used < other.Used;
        if (one.Deadline != other.Deadline) return one.Deadline < other.Deadline;
        return one.PrefillLeft < other.PrefillLeft;
    }
}
