using System.Text;
using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>
/// A run's figures as tables, one for each backend and link, a row for each task and transport: medians over rounds with the least and the
/// most. What was measured once has no spread and is a dash.
/// </summary>
internal static class TransportTable
{
    public static void Write(IReadOnlyList<TurnSample> samples) => Console.Write(Text(CellFigures.Of(samples)));

    public static string Text(IReadOnlyList<CellFigures> cells)
    {
        var text = new StringBuilder();
        foreach (var place in cells.GroupBy(cell => (cell.Cell.Backend, cell.Cell.Link)))
        {
            var hasTls = place.Any(cell => cell.TlsBytesUp is { Most: > 0 });
            var table = new MarkdownTable(Columns(hasTls));
            foreach (var cell in place) table.Add(Row(cell, hasTls));
            text.Append(text.Length == 0 ? "" : "\n").Append("**").Append(place.Key.Backend).Append("** over **").Append(place.Key.Link)
                .Append("**\n\n").Append(table);
        }
        return text.ToString();
    }

    private static string[] Columns(bool hasTls) =>
    [
        "task", "transport", "rounds × turns", "KB up", "% of whole", "headers KB", .. hasTls ? ["TLS KB"] : Array.Empty<string>(),
        "KB down", "connections", "first turn ms", "first token ms", "task s", "prefilled / new", "CPU ms a turn", "errors",
    ];

    private static string[] Row(CellFigures cell, bool hasTls) =>
    [
        cell.Cell.Workload, cell.Cell.Transport, $"{cell.Rounds} × {cell.Turns}", Kilobytes(cell.BytesUp),
        Spread.Text(cell.BytesUpChange, 1),
        Kilobytes(cell.HeaderBytesUp, 2), .. hasTls ? [Kilobytes(cell.TlsBytesUp, 2)] : Array.Empty<string>(), Kilobytes(cell.BytesDown),
        Spread.Text(cell.Connections), Spread.Text(cell.FirstTurnMs, 1), Spread.Text(cell.FirstTokenMs, 1),
        Spread.Text(cell.TaskMs?.Times(1e-3), 2), Spread.Text(cell.PrefilledPerNew, 2), Spread.Text(cell.ServerCpuMs, 1),
        Figures.Show(cell.Errors),
    ];

    private static string Kilobytes(Spread? bytes, int digits = 1) => Spread.Text(bytes?.Times(1e-3), digits);
}
