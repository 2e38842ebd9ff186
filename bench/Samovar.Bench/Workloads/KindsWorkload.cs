using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What the ways in which clients come back cost on models of every kind of memory: tokens cached and tokens computed, and what is kept
/// for it.
/// </summary>
internal sealed record KindsWorkload(string Folder, IReadOnlyList<ModelKind> Kinds, TalkSizes Sizes, string KvType)
{
    private const int Streams = 3, ContextTokens = 8192, Seed = 1, FewStreams = 2;
    private const long Plenty = 2L << 30, Little = 2_200_000;
    private static readonly TalkCrowd Crowd = new(5, 8);

    public async Task RunAsync()
    {
        Console.WriteLine($"Tokens cached/prefilled; a start of {Sizes.Start} tokens, questions of {Sizes.Question}, answers of "
            + $"{Sizes.Answer}, {Streams} streams. New: what no turn before had there.");
        var rows = TalkScenario.All.Select(scenario => new List<string> { scenario.Name }).ToList();
        foreach (var kind in Kinds)
        {
            await using var engine = Load(kind, Streams, Plenty);
            var stage = new TalkStage(engine, Sizes, Seed);
            for (var at = 0; at < rows.Count; at++)
            {
                var turns = await TalkScenario.All[at].Play(stage);
                if (rows[at].Count == 1) rows[at].Add(Figures.Show(turns.Sum(turn => (long)turn.New)));
                rows[at].Add($"{turns.Sum(turn => turn.Cached)}/{turns.Sum(turn => turn.Prefilled)}");
            }
        }
        var table = new Table(["scenario", "new", .. Kinds.Select(kind => kind.Architecture)]);
        foreach (var row in rows) table.Row([.. row]);
        await ShowCrowdsAsync();
    }

    private async Task ShowCrowdsAsync()
    {
        Console.WriteLine();
        Console.WriteLine($"{Crowd.Sessions} sessions of one start take turns, {Crowd.Rounds} each, on {FewStreams} streams.");
        var table = new Table("kind", "new", "prefilled", "parked MB by round", $"prefilled with {Little / 1e6} MB", "evictions");
        foreach (var kind in Kinds)
        {
            var parked = new List<string>();
            var (free, _) = await CrowdAsync(kind, Plenty, engine => parked.Add(Figures.Show(engine.Counters.ParkedBytes / 1e6, 1)));
            var (tight, evictions) = await CrowdAsync(kind, Little, _ => { });
            table.Row(kind.Architecture, Figures.Show(free.Sum(turn => (long)turn.New)),
                Figures.Show(free.Sum(turn => (long)turn.Prefilled)), string.Join(' ', parked),
                Figures.Show(tight.Sum(turn => (long)turn.Prefilled)), Figures.Show(evictions));
        }
    }

    private async Task<(IReadOnlyList<TalkTurn> Turns, long Evictions)> CrowdAsync(
        ModelKind kind, long parkedMax, Action<LlamaEngine> roundEnded)
    {
        await using var engine = Load(kind, FewStreams, parkedMax);
        var turns = await Crowd.PlayAsync(new TalkStage(engine, Sizes with { Answer = 16 }, Seed), () => roundEnded(engine));
        return (turns, engine.Counters.Evictions);
    }

    private LlamaEngine Load(ModelKind kind, int streams, long parkedMax) => LlamaEngine.Load(
        new EngineOptions
        {
            ModelPath = KindModel.Ensure(Folder, kind, type: WeightType.Q8), ContextTokens = ContextTokens,
            Streams = streams, KvType = KvType, ParkedBytesMax = parkedMax,
        }, TimeProvider.System);
}
