using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Bench.Workloads;

/// <summary>More sessions than memory: what is computed again, and how long each turn waits for its first token, where the state of some
/// of them fits beside the streams.</summary>
/// <param name="Folder">Where the models are.</param>
/// <param name="Kinds">Whose memory.</param>
/// <param name="Sizes">How much is said.</param>
/// <param name="Crowd">By how many.</param>
/// <param name="Kept">Sessions that the memory is for.</param>
internal sealed record TiersWorkload(string Folder, IReadOnlyList<ModelKind> Kinds, TalkSizes Sizes, TalkCrowd Crowd, int[] Kept)
{
    private const int Streams = 2, ContextTokens = 8192, Seed = 1;

    public async Task RunAsync()
    {
        Console.WriteLine($"{Crowd.Sessions} sessions × {Crowd.Rounds} turns, one turn at a time, a shared start of {Sizes.Start} tokens, "
            + $"{Sizes.Question} in and {Sizes.Answer} out a turn, {Streams} streams, parked state of so many sessions at their longest.");
        var table = new Table("kind", "memory for", "MB", "tokens new", "prefilled", "prefilled / new", "first token p50 ms", "p95 ms",
            "total s", "evictions");
        foreach (var kind in Kinds)
            foreach (var kept in Kept)
                await MeasureAsync(kind, kept, table);
    }

    private async Task MeasureAsync(ModelKind kind, int kept, Table table)
    {
        var path = KindModel.Ensure(Folder, kind, type: WeightType.Q8);
        var budget = kept * BytesOf(StateShape.Of(GgufMetadata.Read(path)), Crowd.TokensOf(Sizes));
        await using var engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = path, ContextTokens = ContextTokens, Streams = Streams, ParkedBytesMax = budget },
            TimeProvider.System);
        var began = TimeProvider.System.GetTimestamp();
        var turns = await Crowd.PlayAsync(new TalkStage(engine, Sizes, Seed));
        var total = TimeProvider.System.GetElapsedTime(began);
        var first = turns.Select(turn => turn.End.FirstToken.TotalMilliseconds).ToList();
        var (fresh, prefilled) = (turns.Sum(turn => (long)turn.New), turns.Sum(turn => (long)turn.Prefilled));
        table.Row(kind.Architecture, Figures.Show(kept), Figures.Show(budget / 1e6, 1), Figures.Show(fresh), Figures.Show(prefilled),
            Figures.Show((double)prefilled / fresh, 3), Figures.Show(Figures.Median(first), 1),
            Figures.Show(Figures.Percentile(first, 0.95), 1), Figures.Show(total.TotalSeconds, 1), Figures.Show(engine.Counters.Evictions));
    }

    private static long BytesOf(StateShape shape, int tokens) => (shape.BytesPerToken - shape.WindowBytesPerToken) * tokens
        + shape.WindowBytesPerToken * Math.Min(tokens, shape.WindowTokens) + shape.BytesPerSequence;
}
