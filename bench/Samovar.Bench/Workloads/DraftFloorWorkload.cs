using Samovar.Bench.Reports;
using Samovar.Engine.Drafting;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What drafts could bring at most: libllama alone, where each token of each batch is one that comes, beside a token computed alone.
/// And what looking for a draft takes where there is nothing to find.
/// </summary>
internal sealed record DraftFloorWorkload(string Model, int LoneThreads, int[] Depths, int Runs)
{
    private static readonly int[] Sizes = [2, 3, 4, 6, 8, 12, 16];
    private const int Tokens = 20_000;

    public void Run()
    {
        var threads = Environment.ProcessorCount;
        (int Threads, int Size)[] batches =
            [(LoneThreads, 1), .. Sizes.Select(size => (threads, size)), .. Sizes.Select(size => (1, size))];
        var table = new Table("depth", "threads", "ms of a lone token", "tokens in a batch", "ms", "tokens/s", "times as many");
        using var bare = new BareBatches(Model);
        foreach (var depth in Depths)
        {
            var least = bare.Measure(depth, batches, Runs);
            for (var at = 1; at < batches.Length; at++)
                table.Row(Figures.Show(depth), Figures.Show(batches[at].Threads), Figures.Show(least[0], 2), Figures.Show(batches[at].Size),
                    Figures.Show(least[at], 2), Figures.Show(batches[at].Size * 1000 / least[at]),
                    Figures.Show(batches[at].Size * least[0] / least[at], 2));
        }
        Console.WriteLine($"A token of a text in which nothing repeats: {LookUp() * 1e6:F2} microseconds for its look-up and its entry.");
    }

    private static double LookUp()
    {
        var least = double.PositiveInfinity;
        var draft = new int[48];
        for (var run = 0; run < 5; run++)
        {
            var index = new RepeatIndex();
            var began = TimeProvider.System.GetTimestamp();
            for (var token = 0; token < Tokens; token++)
            {
                index.Append(token);
                index.Find(draft);
            }
            least = Math.Min(least, TimeProvider.System.GetElapsedTime(began).TotalSeconds / Tokens);
        }
        return least;
    }
}
