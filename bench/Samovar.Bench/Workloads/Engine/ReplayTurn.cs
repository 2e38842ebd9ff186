namespace Samovar.Bench.Workloads.Engine;

/// <summary>One request of a recorded or generated session: how long its prompt is and which parts it shares with others.</summary>
/// <param name="Scope">Within it, equal ids are equal blocks.</param>
/// <param name="Session">Which conversation.</param>
/// <param name="At">Seconds since the scope began.</param>
/// <param name="InputTokens">Of the whole prompt.</param>
/// <param name="Blocks">An id for each block of the prompt, from its beginning.</param>
internal sealed record ReplayTurn(
    string Scope, string Session, double At, int InputTokens, int OutputTokens, IReadOnlyList<int> Blocks);

/// <summary>A request that is made of blocks: after which other one it comes, and which blocks it brings itself.</summary>
/// <param name="After">The step that it goes on from; null begins a conversation.</param>
internal sealed record ReplayStep(ReplayTurn Turn, ReplayStep? After, IReadOnlyList<int> Blocks);

/// <summary>Finds where each request goes on from: the longest prompt, with its answer, that this one still begins with.</summary>
internal static class ReplayPlan
{
    public const int BlockTokens = 64;

    /// <param name="turns">Of any number of sessions; the steps come in their order of time.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    public static IReadOnlyList<ReplayStep> Of(IEnumerable<ReplayTurn> turns, int blockTokens)
    {
        var steps = new List<ReplayStep>();
        var bySession = new Dictionary<(string, string), ReplayStep>();
        foreach (var turn in turns.OrderBy(turn => turn.At))
        {
            var key = (turn.Scope, turn.Session);
            var after = bySession.GetValueOrDefault(key);
            while (after is not null && !GoesOnFrom(turn, after.Turn, blockTokens)) after = after.After;
            var known = after is null ? 0 : (after.Turn.InputTokens + after.Turn.OutputTokens) / blockTokens;
            var own = turn.Blocks.Skip(known).ToList();
            var step = new ReplayStep(turn, after, own.Count > 0 ? own : [turn.Blocks.Count > 0 ? turn.Blocks[^1] : 0]);
            bySession[key] = step;
            steps.Add(step);
        }
        return steps;
    }

    /// <summary>A prompt's last block is seldom full: what follows is in the same block, which then has another id.</summary>
    private static bool GoesOnFrom(ReplayTurn turn, ReplayTurn before, int blockTokens)
    {
        var whole = Math.Min(before.InputTokens / blockTokens, before.Blocks.Count);
        if (turn.InputTokens <= before.InputTokens + before.OutputTokens || turn.Blocks.Count < whole) return false;
        for (var at = 0; at < whole; at++)
            if (turn.Blocks[at] != before.Blocks[at]) return false;
        return true;
    }
}
