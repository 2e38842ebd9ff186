using System.Text;

namespace Samovar.Bench.Reports.Pages;

/// <summary>A Markdown table whose columns are as wide as their widest cell: it reads in a terminal and in a page.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))]);

    public override string ToString()
    {
        var widths = columns.Select((name, at) => _rows.Select(row => row[at].Length).Prepend(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select((cell, at) => cell.PadRight(widths[at]))).Append(" |\n");
        Line(columns);
        Line(widths.Select(width => new string('-', Math.Max(3, width))));
        foreach (var row in _rows) Line(row);
        return text.ToString();
    }
}
