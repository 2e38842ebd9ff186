namespace Samovar.Bench.Workloads.Engine;

/// <summary>
/// More sessions than fit: recorded or generated ones, in their own order of time and without their pauses, on a server that has room for
/// a part of them.
/// </summary>
/// <param name="TokensScale">What a recorded token counts for here.</param>
/// <param name="OutputMax">Tokens of an answer at most.</param>
internal sealed record FitWork(IReadOnlyList<ReplayStep> Steps, double TokensScale, int OutputMax, EngineMemory Room)
    : EngineWork("kv-more-than-fit")
{
    private const double Unevenness = 1.6; // words for few tokens are cut where the tokenizer does not like it

    public int Sessions => Steps.Select(step => (step.Turn.Scope, step.Turn.Session)).Distinct().Count();

    public override EngineNeeds Needs => new(Sessions,
        (int)(Steps.Max(step => step.Turn.InputTokens) * TokensScale * Unevenness) + OutputMax + Slack, Room);

    public override async Task RunAsync(EngineRound round, CancellationToken stop)
    {
        var answered = new Dictionary<ReplayStep, AnsweredTurn>(ReferenceEqualityComparer.Instance);
        var branches = new Dictionary<(string, string), int>();
        var perBlock = round.Meter.CharactersOf(1000 * TraceReader.BlockTokens * TokensScale) / 1000.0;
        foreach (var step in Steps)
        {
            var key = (step.Turn.Scope, step.Turn.Session);
            if (!branches.TryGetValue(key, out var branch)) branches[key] = branch = branches.Count;
            var after = step.After is null ? null : answered.GetValueOrDefault(step.After);
            if (step.After is not null && after is null) continue; // what it goes on from has failed
            var text = BlockText.Of(step.Turn.Scope, step.Blocks, perBlock, round.Number);
            var output = Math.Clamp((int)(step.Turn.OutputTokens * TokensScale), EngineAsk.OutputLeast, OutputMax);
            if (await round.AskAsync($"{step.Turn.Scope}/{step.Turn.Session}", new EngineAsk(branch, after, text, output), stop)
                is { } turn) answered[step] = turn;
        }
    }
}

/// <summary>The sessions of a <see cref="FitWork"/>.</summary>
internal static class ReplaySessions
{
    private const int Seed = 4711, StartTokens = 40_000, AddedTokens = 2000, AnswerTokens = 600, BetweenSeconds = 20;

    /// <summary>Like recorded ones: a long start, then a little with each turn; who speaks next is chance.</summary>
    public static IReadOnlyList<ReplayStep> Generated(int sessions, int turns)
    {
        var random = new Random(Seed);
        var all = new List<ReplayTurn>();
        for (var session = 0; session < sessions; session++)
        {
            var (at, input, ids) = (random.NextDouble() * BetweenSeconds, StartTokens + random.Next(StartTokens), 0);
            for (var turn = 0; turn < turns; turn++)
            {
                var blocks = Enumerable.Range(1, (input + TraceReader.BlockTokens - 1) / TraceReader.BlockTokens).ToList();
                blocks[^1] = -++ids; // seldom full
                all.Add(new ReplayTurn($"generated-{session + 1}", "main", at, input, AnswerTokens, blocks));
                (at, input) = (at + random.NextDouble() * BetweenSeconds, input + AnswerTokens + AddedTokens + random.Next(AddedTokens));
            }
        }
        return ReplayPlan.Of(all, TraceReader.BlockTokens);
    }

    /// <param name="paths">Of recorded sessions.</param>
    /// <param name="turns">Of each session at most.</param>
    /// <param name="inputMax">A session ends before the first prompt that is longer, in its own tokens.</param>
    public static IReadOnlyList<ReplayStep> Recorded(IEnumerable<string> paths, int turns, int inputMax) => ReplayPlan.Of(
        paths.SelectMany(TraceReader.Read).GroupBy(turn => (turn.Scope, turn.Session))
            .SelectMany(session => session.Take(turns).TakeWhile(turn => turn.InputTokens <= inputMax)), TraceReader.BlockTokens);
}
