using Samovar.Bench.Reports;
using Samovar.Bench.Traces;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>
/// Replays recorded sessions of agents beside each other with memory for a part of what they will ask for again, and compares who is given
/// up: by the engine's policies, and by those who know what will be asked for.
/// </summary>
internal sealed class RetentionWorkload(RetentionPlan plan)
{
    public void Run()
    {
        var shapes = Shapes();
        var (first, deeper) = (plan.Cost.Linear * 1000, plan.Cost.Square * 2e6);
        Console.WriteLine($"A token costs {first:N2} ms, and {deeper:N2} ms more for each 1,000 in front.");
        foreach (var pause in plan.PausesMax)
        {
            var played = pause == TimeSpan.Zero ? shapes : [.. shapes.Select(shape => shape.WithPausesUpTo(pause.TotalSeconds))];
            var seeds = Enumerable.Range(1, plan.Seeds).Select(seed => new RetentionReplays(plan, played, seed)).ToList();
            Console.WriteLine($"\n{Heading(pause, seeds)}\n");
            Print(seeds);
        }
        Console.WriteLine();
        ChoiceCosts.Print();
    }

    public static IReadOnlyList<SessionShape> Read(string folder) => [.. Directory.GetFiles(folder)
        .Where(file => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".json.gz", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(file => ShapeBuilder.Of(TraceFile.Read(file, new TraceLimits())))];

    private IReadOnlyList<SessionShape> Shapes()
    {
        if (!Directory.Exists(plan.Folder)) throw new InvalidOperationException($"There is no folder {plan.Folder}.");
        var shapes = Read(plan.Folder);
        var least = plan.Crosses ? 2 : 1;
        if (shapes.Count < least) throw new InvalidOperationException($"There are fewer than {least} traces in {plan.Folder}.");
        if (shapes.Any(shape => shape.BlockTokens != shapes[0].BlockTokens))
            throw new InvalidOperationException("The traces have blocks of different sizes.");
        return shapes;
    }

    private static string Heading(TimeSpan pause, List<RetentionReplays> seeds)
    {
        var pauses = pause == TimeSpan.Zero ? "Pauses as recorded" : $"Pauses up to {pause.TotalSeconds:N0} s";
        return $"**{pauses}**: {seeds[0].Live.Sessions:N0} sessions, {seeds[0].Live.Turns:N0} turns, "
            + $"{Figures.ShowAll(seeds.Select(seed => seed.LiveTokens / 1e6), 2)} million live tokens, "
            + $"{Figures.ShowAll(seeds.Select(seed => seed.NewTokens / 1e6), 1)} million new ones.";
    }

    private void Print(List<RetentionReplays> seeds)
    {
        var table = new Table("memory", "who goes first", "beyond new, million tokens", "of lru's", "of the optimum",
            "hours to compute them", "of lru's", "of foresight", "of the bound");
        foreach (var percent in plan.Percents)
        {
            var rows = seeds.Select(seed => seed.Rows(percent).ToDictionary(row => row.Name)).ToList();
            foreach (var name in rows[0].Keys)
                table.Row([$"{percent:0.#} %", name,
                    Show(rows, name, row => row.Tokens / 1e6), Ratio(rows, name, RetentionNames.Recency, row => row.Tokens),
                    Ratio(rows, name, RetentionReplays.Optimum, row => row.Tokens),
                    Show(rows, name, row => row.Seconds / 3600), Ratio(rows, name, RetentionNames.Recency, row => row.Seconds),
                    Ratio(rows, name, RetentionReplays.Foresight, row => row.Seconds),
                    Ratio(rows, name, RetentionReplays.Bound, row => row.Seconds)]);
        }
    }

    private static string Show(List<Dictionary<string, ReplayRow>> rows, string name, Func<ReplayRow, double> figure) =>
        Figures.ShowAll(rows.Select(row => figure(row[name])).Where(double.IsFinite), 1);

    /// <summary>By seed; a dash where the other is nothing or unknown.</summary>
    private static string Ratio(
        List<Dictionary<string, ReplayRow>> rows, string name, string other, Func<ReplayRow, double> figure) =>
        Figures.ShowAll(rows.Where(row => row.ContainsKey(other)).Select(row => figure(row[name]) / figure(row[other]))
            .Where(double.IsFinite), 2);
}
