using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Bench.Workloads;

/// <summary>More sessions than memory: what is computed again, and how long each turn waits for its first token, where the state of some
/// of them fits beside the streams, and what does not is lost, or goes to files.</summary>
/// <param name="Folder">Where the models are.</param>
/// <param name="Kinds">Whose memory.</param>
/// <param name="Sizes">How much is said.</param>
/// <param name="Crowd">By how many.</param>
/// <param name="Kept">Sessions that the memory is for.</param>
/// <param name="DiskBytes">Bytes that files may take, each way in turn.</param>
internal sealed record TiersWorkload(
    string Folder, IReadOnlyList<ModelKind> Kinds, TalkSizes Sizes, TalkCrowd Crowd, int[] Kept, long[] DiskBytes)
{
    private static readonly byte[] Secret = new byte[32];
    private const int Streams = 2, ContextTokens = 8192, Seed = 1;

    public async Task RunAsync()
    {
        Console.WriteLine($"{Crowd.Sessions} sessions × {Crowd.Rounds} turns, one turn at a time, a shared start of {Sizes.Start} tokens, "
            + $"{Sizes.Question} in and {Sizes.Answer} out a turn, {Streams} streams, parked state of so many sessions at their longest.");
        var table = new Table("kind", "memory for", "MB", "files MB", "tokens new", "prefilled", "prefilled / new",
            "first token p50 ms", "p95 ms",
            "total s", "evictions",
            "from files");
        foreach (var kind in Kinds)
            foreach (var kept in Kept)
                foreach (var disk in DiskBytes)
                    await MeasureAsync(kind, kept, disk, table);
    }

    private async Task MeasureAsync(ModelKind kind, int kept, long disk, Table table)
    {
        var path = KindModel.Ensure(Folder, kind, type: WeightType.Q8);
        var budget = kept * StateShape.Of(GgufMetadata.Read(path)).BytesOf(Crowd.TokensOf(Sizes));
        var files = Directory.CreateTempSubdirectory("samovar-tiers-");
        await using var engine = LlamaEngine.Load(
            new EngineOptions
            {
                ModelPath = path, ContextTokens = ContextTokens, Streams = Streams, ParkedBytesMax = budget,
                DiskBytesMax = disk, DiskPath = Path.Combine(files.FullName, "state"),
            },
            TimeProvider.System, secrets: [Secret]);
        var began = TimeProvider.System.GetTimestamp();
        var turns = await Crowd.PlayAsync(new TalkStage(engine, Sizes, Seed) { IsStored = true });
        var total = TimeProvider.System.GetElapsedTime(began);
        var first = turns.Select(turn => turn.End.FirstToken.TotalMilliseconds).ToList();
        var (fresh, prefilled) = (turns.Sum(turn => (long)turn.New), turns.Sum(turn => (long)turn.Prefilled));
        table.Row(kind.Architecture, Figures.Show(kept), Figures.Show(budget / 1e6, 1),
            Figures.Show(disk / 1e6, 0), Figures.Show(fresh), Figures.Show(prefilled),
            Figures.Show((double)prefilled / fresh, 3), Figures.Show(Figures.Median(first), 1),
            Figures.Show(Figures.Percentile(first, 0.95), 1), Figures.Show(total.TotalSeconds, 1), Figures.Show(engine.Counters.Evictions),
            Figures.Show(engine.Counters.DiskTokens));
        await engine.DisposeAsync();
        files.Delete(recursive: true);
    }
}
