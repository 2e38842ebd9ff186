using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>A run's figures as a table: a row for each cell, medians over its rounds with the least and the most.</summary>
internal static class TransportTable
{
    public static void Write(IReadOnlyList<TurnSample> samples)
    {
        var table = new Table("task", "backend", "link", "transport", "turns", "bytes up", "of whole history", "headers up",
            "TLS up", "bytes down", "connections",
            "first turn's first token ms", "first token ms", "task s", "prefilled / new", "server CPU ms a turn", "errors");
        var cells = samples.GroupBy(sample => sample.Cell).ToDictionary(cell => cell.Key, cell => cell.ToList());
        foreach (var (cell, turns) in cells)
        {
            var rounds = turns.GroupBy(turn => turn.Round).Select(round => round.ToList()).ToList();
            var whole = cells.GetValueOrDefault(cell with { Transport = "http-whole" });
            var up = rounds.Select(round => (double)round.Sum(turn => turn.BytesUp)).ToList();
            var fresh = turns.Sum(turn => (double)turn.NewTokens);
            table.Row(cell.Workload, cell.Backend, cell.Link, cell.Transport, Figures.Show(rounds[0].Count), Spread(up),
                whole is null ? "–" : Figures.Show(100 * (Figures.Median(up) / Figures.Median(
                    whole.GroupBy(turn => turn.Round).Select(round => (double)round.Sum(turn => turn.BytesUp))) - 1), 1) + " %",
                Spread(rounds.Select(round => (double)round.Sum(turn => turn.HeaderBytesUp))),
                Spread(rounds.Select(round => (double)round.Sum(turn => turn.TlsBytesUp))),
                Spread(rounds.Select(round => (double)round.Sum(turn => turn.BytesDown))),
                Spread(rounds.Select(round => (double)round.Sum(turn => turn.Handshakes))),
                Spread(rounds.Select(round => round[0].FirstTokenMs ?? double.NaN), 1),
                Spread(turns.Select(turn => turn.FirstTokenMs ?? double.NaN), 1),
                Spread(rounds.Select(round => round.Sum(turn => turn.TotalMs) / 1000), 2),
                fresh == 0 ? "–" : Figures.Show(turns.Sum(turn => (double)turn.PrefilledTokens) / fresh, 2),
                turns[0].ServerCpuMs is null ? "–"
                    : Spread(rounds.Select(round => round.Sum(turn => turn.ServerCpuMs ?? 0) / round.Count), 1),
                Figures.Show(turns.Count(turn => turn.Error is not null)));
        }
    }

    /// <summary>The median, and the least and the most where they differ.</summary>
    private static string Spread(IEnumerable<double> values, int digits = 0)
    {
        var all = values.ToList();
        var (median, least) = (Figures.Show(Figures.Median(all), digits), Figures.Show(all.Min(), digits));
        var most = Figures.Show(all.Max(), digits);
        return least == most ? median : $"{median} ({least}–{most})";
    }
}
