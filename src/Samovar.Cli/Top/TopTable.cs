using Spectre.Console;

namespace Samovar.Cli.Top;

/// <summary>
/// A table of one line a row, whatever the terminal's width: columns come in order of importance, those that do not fit are
/// left out from the right, and the last one, which holds the longest texts, gets what remains.
/// </summary>
internal static class TopTable
{
    private const int Gap = 2, LastCharsMin = 12;

    public static Table Of(IReadOnlyList<string> names, IReadOnlyList<string[]> rows, int width)
    {
        var last = names.Count - 1;
        var charsMax = Math.Max(LastCharsMin, width / 3);
        var widths = Enumerable.Range(0, last)
            .Select(column => Math.Min(charsMax, rows.Select(row => row[column].Length).Append(names[column].Length).Max())).ToList();
        var shown = widths.Count;
        while (shown > 1 && Taken(widths, shown) + LastCharsMin + Gap > width) shown--;
        var remaining = width - Taken(widths, shown) - Gap;

        var table = new Table { Border = TableBorder.None };
        foreach (var column in Shown()) table.AddColumn(Column(Clip(names[column], column == last ? remaining : widths[column])));
        foreach (var row in rows)
            table.AddRow(Shown().Select(column => new Text(Clip(row[column], column == last ? remaining : widths[column]))));
        return table;

        IEnumerable<int> Shown() => remaining > 0 ? Enumerable.Range(0, shown).Append(last) : Enumerable.Range(0, shown);
    }

    private static int Taken(List<int> widths, int shown) => widths.Take(shown).Sum(one => one + Gap);

    private static TableColumn Column(string name) =>
        new(new Text(name, new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, Gap, 0) };

    private static string Clip(string text, int charsMax) => text.Length <= charsMax ? text : text[..Math.Max(0, charsMax - 1)] + "…";
}
