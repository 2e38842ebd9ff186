using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>Engine workloads as tables: a row for each server, medians over its rounds with the least and the most.</summary>
internal static class EngineTable
{
    public static void Write(IReadOnlyList<TurnSample> samples)
    {
        WriteAll(samples);
        WriteArrivals(samples.Where(sample => sample.Cell.Workload == "kv-arrivals"));
    }

    private static void WriteAll(IReadOnlyList<TurnSample> samples)
    {
        var table = new Table("workload", "server", "said as", "rounds", "turns", "prompt tokens", "tokens new", "prefilled",
            "prefilled / new", "first token p50 ms", "p95 ms", "total s", "errors");
        foreach (var cell in samples.GroupBy(sample => sample.Cell).OrderBy(cell => cell.Key.Workload, StringComparer.Ordinal))
        {
            var rounds = cell.GroupBy(turn => turn.Round).Select(round => round.ToList()).ToList();
            var first = rounds.Select(round => round.Select(turn => turn.FirstTokenMs ?? double.NaN).ToList()).ToList();
            table.Row(cell.Key.Workload, cell.Key.Backend, cell.Key.Transport, Figures.Show(rounds.Count), Figures.Show(rounds[0].Count),
                Of(rounds, round => round.Sum(turn => turn.InputTokens)), Of(rounds, round => round.Sum(turn => turn.NewTokens)),
                Of(rounds, round => round.Sum(turn => turn.PrefilledTokens)),
                Of(rounds, round => round.Sum(turn => turn.PrefilledTokens) / (double)Math.Max(1, round.Sum(turn => turn.NewTokens)), 2),
                Of(first, times => Figures.Median(times), 1), Of(first, times => Figures.Percentile(times, 0.95), 1),
                Of(rounds, round => Seconds(cell.Key, round), 2), Figures.Show(cell.Count(turn => turn.Error is not null)));
        }
    }

    /// <summary>One turn after the other; where they run side by side, until the last one ends.</summary>
    private static double Seconds(SampleCell cell, IEnumerable<TurnSample> turns) =>
        (cell.Workload == "kv-arrivals" ? turns.Max(turn => turn.TotalMs) : turns.Sum(turn => turn.TotalMs)) / 1000;

    /// <summary>Who arrives beside others waits: each prompt has a column.</summary>
    private static void WriteArrivals(IEnumerable<TurnSample> samples)
    {
        var all = samples.ToList();
        if (all.Count == 0) return;
        var sessions = all.Select(turn => turn.Session).Distinct().ToList();
        Console.WriteLine();
        Console.WriteLine("Prompts that arrive together: first token ms of each, by its tokens.");
        var table = new Table(["server", "said as", .. sessions]);
        foreach (var cell in all.GroupBy(sample => sample.Cell))
            table.Row([cell.Key.Backend, cell.Key.Transport, .. sessions.Select(session =>
                Of([.. cell.Where(turn => turn.Session == session)], turn => turn.FirstTokenMs ?? double.NaN, 1))]);
    }

    private static string Of<T>(IReadOnlyList<T> rounds, Func<T, double> value, int digits = 0) =>
        Figures.ShowAll(rounds.Select(value), digits);
}
