using System.Globalization;
using System.Net;
using System.Text;

namespace Samovar.Bench.Reports.Pages;

/// <summary>
/// One plot as a file: bytes up, summed over the turns of the longest task, a line for each transport and behind it what its rounds spread
/// over. Light and dark; letters are whatever the reader's system has.
/// </summary>
internal static class PlotSvg
{
    private const int Width = 760, Height = 400, Left = 62, Right = 190, Top = 44, Bottom = 46, Grid = 5, LabelHeight = 16;

    private static readonly (string Transport, string Light, string Dark)[] Lines =
    [
        ("http-whole", "#c2410c", "#fb923c"), ("http-stored", "#6d28d9", "#a78bfa"), ("ws", "#1d4ed8", "#60a5fa"),
        ("ws-bare", "#047857", "#34d399"), ("ws-deflate", "#be185d", "#f472b6"),
    ];

    /// <summary>Null where the run has nothing to draw.</summary>
    public static string? Of(ReportDocument report)
    {
        var place = report.Cells.Where(cell => cell.Cell.Transport == "http-whole" && cell.Rounds >= Spread.CountMin)
            .OrderByDescending(cell => cell.Turns).ThenBy(cell => cell.Cell.Backend == "provider-65" ? 0 : 1).FirstOrDefault()?.Cell;
        if (place is null) return null;
        var lines = Lines.Select(line => (line.Transport, report.Cells.FirstOrDefault(cell =>
                cell.Cell == place with { Transport = line.Transport })?.PerTurn))
            .Where(line => line.PerTurn is { Count: > 0 }).Select(line => (line.Transport, Turns: line.PerTurn!)).ToList();
        var scale = new Scale(lines.Max(line => line.Turns.Count),
            Nice(lines.Max(line => line.Turns.Max(turn => turn.SummedUp?.Most ?? 0)) / 1000));
        var rounds = report.Cells.First(cell => cell.Cell == place).Rounds;
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" role="img">
            <title>Bytes up, summed over the turns of {place.Workload}</title>
            <style>
            {Styles()}
            </style>
            <rect class="paper" width="{Width}" height="{Height}" rx="8"/>
            <text class="head" x="16" y="26">KB sent by the client, summed over {scale.Turns} turns (range of {rounds} rounds)</text>

            """);
        Axes(svg, scale);
        foreach (var (transport, turns) in lines) Line(svg, scale, transport, turns);
        Labels(svg, scale, report, lines);
        return svg.Append("</svg>\n").ToString();
    }

    private static string Styles()
    {
        static string Colors(Func<(string Transport, string Light, string Dark), string> color) => string.Concat(Lines.Select(line =>
            $".{line.Transport}{{stroke:{color(line)}}}.{line.Transport}.band,text.{line.Transport}{{fill:{color(line)};stroke:none}}"));
        return "text{font:13px system-ui,sans-serif;fill:#334155}.head{font-weight:600;fill:#0f172a}.paper{fill:#fff}.grid{stroke:#e2e8f0}"
            + "polyline{fill:none;stroke-width:2.2}.band{opacity:.2}" + Colors(line => line.Light)
            + "\n@media(prefers-color-scheme:dark){text{fill:#cbd5e1}.head{fill:#f8fafc}.paper{fill:#0f172a}.grid{stroke:#334155}"
            + Colors(line => line.Dark) + "}";
    }

    private static void Axes(StringBuilder svg, Scale scale)
    {
        for (var step = 0; step <= Grid; step++)
        {
            var (value, y) = (scale.Most * step / Grid, scale.Y(scale.Most * step / Grid));
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line class="grid" x1="{Left}" y1="{y:0.0}" x2="{Width - Right}" y2="{y:0.0}"/>
                <text x="{Left - 8}" y="{y + 4:0.0}" text-anchor="end">{value:#,0}</text>

                """);
        }
        foreach (var turn in Enumerable.Range(1, scale.Turns).Where(turn => turn == 1 || turn % Math.Max(1, scale.Turns / 5) == 0))
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{scale.X(turn):0.0}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{turn}</text>\n");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">turn</text>\n");
    }

    private static void Line(StringBuilder svg, Scale scale, string transport, IReadOnlyList<TurnFiguresOfCell> turns)
    {
        string Points(IEnumerable<TurnFiguresOfCell> of, Func<Spread, double> value) => string.Join(' ', of
            .Where(turn => turn.SummedUp is not null).Select(turn => string.Create(CultureInfo.InvariantCulture,
                $"{scale.X(turn.Turn):0.0},{scale.Y(value(turn.SummedUp!) / 1000):0.0}")));
        var band = Points(turns, spread => spread.Most) + " " + Points(turns.Reverse(), spread => spread.Least);
        svg.Append(CultureInfo.InvariantCulture, $"<polygon class=\"band {transport}\" points=\"{band}\"/>\n")
            .Append(CultureInfo.InvariantCulture,
                $"<polyline class=\"{transport}\" points=\"{Points(turns, spread => spread.Median)}\"/>\n");
    }

    /// <summary>At the lines' ends, no closer than letters are high.</summary>
    private static void Labels(
        StringBuilder svg, Scale scale, ReportDocument report, List<(string Transport, IReadOnlyList<TurnFiguresOfCell> Turns)> lines)
    {
        var lowest = double.PositiveInfinity;
        foreach (var (transport, turns) in lines.OrderBy(line => line.Turns[^1].SummedUp?.Median ?? 0))
        {
            var kilobytes = (turns[^1].SummedUp?.Median ?? 0) / 1000;
            lowest = Math.Min(scale.Y(kilobytes) + 4, lowest - LabelHeight);
            var words = WebUtility.HtmlEncode($"{transport}: {Figures.Show(kilobytes)} KB");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{transport}\" x=\"{Width - Right + 8}\" y=\"{lowest:0.0}\">{words}")
                .Append(CultureInfo.InvariantCulture, $"<title>{WebUtility.HtmlEncode(report.Transports[transport])}</title></text>\n");
        }
    }

    private static double Nice(double value)
    {
        var size = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, value))));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(step => step * size).First(step => step >= value);
    }

    private sealed record Scale(int Turns, double Most)
    {
        public double X(int turn) => Left + (turn - 1) * (double)(Width - Left - Right) / Math.Max(1, Turns - 1);

        public double Y(double value) => Height - Bottom - value / Most * (Height - Top - Bottom);
    }
}
