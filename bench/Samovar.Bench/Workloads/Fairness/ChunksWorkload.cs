using Samovar.Bench.Reports;

namespace Samovar.Bench.Workloads.Fairness;

/// <summary>What libllama alone takes for chunks of a prompt behind some depths: what a round's chunk is chosen by.</summary>
internal sealed record ChunksWorkload(string Model, int[] Depths, int[] Sizes, int Threads, int Runs)
{
    public void Run()
    {
        var batches = Sizes.Select(size => (Threads, size)).ToArray();
        var table = new Table("depth", "tokens in a chunk", "processor ms", "ms a token");
        using var bare = new BareBatches(Model, Depths.Max() + Sizes.Max()) { CountsProcessor = true };
        foreach (var depth in Depths)
        {
            var least = bare.Measure(depth, batches, Runs);
            for (var at = 0; at < batches.Length; at++)
                table.Row(Figures.Show(depth), Figures.Show(Sizes[at]), Figures.Show(least[at], 2), Figures.Show(least[at] / Sizes[at], 3));
        }
    }
}
