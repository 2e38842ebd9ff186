using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>
/// What clients that send only what is new sent, beside the text that was new: the least that any client sends, as it is and deflated.
/// </summary>
internal static class FloorTable
{
    private static readonly string[] Transports = ["ws", "ws-bare", "ws-deflate", "ws-bare-deflate"];

    public static string Text(IReadOnlyList<CellFigures> cells)
    {
        var table = new MarkdownTable("task", "provider, link", "transport", "KB up", "new text KB", "around it KB", "new text deflated KB",
            "% of whole", "% of whole at the least");
        foreach (var cell in cells.GroupBy(cell => cell.Cell.Workload).SelectMany(Place))
        {
            var isDeflated = cell.Cell.Transport.EndsWith("deflate", StringComparison.Ordinal);
            table.Add(cell.Cell.Workload, $"{cell.Cell.Backend}, {cell.Cell.Link}", cell.Cell.Transport, Kilobytes(cell.BytesUp),
                Kilobytes(cell.ContentBytes), isDeflated ? Spread.None : Kilobytes(cell.FramingBytes),
                Kilobytes(cell.ContentDeflatedBytes), Spread.Text(cell.BytesUpChange, 1),
                Spread.Text(isDeflated ? cell.DeflatedFloorChange : cell.FloorChange, 1));
        }
        return table.IsEmpty ? "Nothing of this was measured.\n" : table.ToString();
    }

    /// <summary>Bytes do not depend on who answers and what lies between: one place of each task is enough.</summary>
    private static IEnumerable<CellFigures> Place(IEnumerable<CellFigures> task) => task
        .Where(cell => Transports.Contains(cell.Cell.Transport) && cell.ContentBytes is { Most: > 0 } && cell.FloorChange is not null)
        .GroupBy(cell => (cell.Cell.Backend, cell.Cell.Link)).OrderByDescending(place => place.Count())
        .ThenBy(place => place.Key.Backend == ProviderCondition.One.Backend.Name ? 0 : 1).FirstOrDefault()?.AsEnumerable() ?? [];

    private static string Kilobytes(Spread? bytes) => Spread.Text(bytes?.Times(1e-3), 1);
}
