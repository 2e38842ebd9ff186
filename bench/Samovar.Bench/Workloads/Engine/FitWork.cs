using Samovar.Bench.Traces;

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
        var perBlock = round.Meter.CharactersOf(1000 * ReplayPlan.BlockTokens * TokensScale) / 1000.0;
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
                var blocks = Enumerable.Range(1, (input + ReplayPlan.BlockTokens - 1) / ReplayPlan.BlockTokens).ToList();
                blocks[^1] = -++ids; // seldom full
                all.Add(new ReplayTurn($"generated-{session + 1}", "main", at, input, AnswerTokens, blocks));
                (at, input) = (at + random.NextDouble() * BetweenSeconds, input + AnswerTokens + AddedTokens + random.Next(AddedTokens));
            }
        }
        return ReplayPlan.Of(all, ReplayPlan.BlockTokens);
    }

    /// <param name="paths">Of recorded sessions.</param>
    /// <param name="turns">Of each session at most.</param>
    /// <param name="inputMax">A session ends before the first prompt that is longer, in its own tokens.</param>
    public static IReadOnlyList<ReplayStep> Recorded(IEnumerable<string> paths, int turns, int inputMax) => ReplayPlan.Of(
        paths.SelectMany(ReadAll).GroupBy(turn => (turn.Scope, turn.Session))
            .SelectMany(session => session.Take(turns).TakeWhile(turn => turn.InputTokens <= inputMax)), ReplayPlan.BlockTokens);

    /// <summary>The requests of a recording, those of its sub-agents among them, in their order of time.</summary>
    public static IReadOnlyList<ReplayTurn> ReadAll(string path)
    {
        var file = TraceFile.Read(path, new TraceLimits());
        if (file.BlockTokens != ReplayPlan.BlockTokens)
            throw new InvalidOperationException($"{path} has blocks of {file.BlockTokens} tokens, not of {ReplayPlan.BlockTokens}.");
        return [.. OfSession(file.Id, "main", TimeSpan.Zero, file.Session).OrderBy(turn => turn.At)];
    }

    /// <param name="began">By the recording's clock; a session's own begins there.</param>
    private static IEnumerable<ReplayTurn> OfSession(string scope, string name, TimeSpan began, TraceSession session) =>
        session.Turns.Where(turn => turn.Blocks.Count > 0)
            .Select(turn => new ReplayTurn(
                scope, name, (began + turn.At).TotalSeconds, turn.InputTokens, Math.Max(1, turn.OutputTokens), turn.Blocks))
            .Concat(session.SubAgents.SelectMany((agent, at) =>
                OfSession(scope, $"{name}.{at + 1}", began + agent.StartsAt, agent.Session)));
}
