namespace Samovar.Bench.Reports.Pages;

/// <summary>Puts a run into the documentation: between marks in its pages, and as the plot that README shows.</summary>
internal static class DocumentedRun
{
    private const string Begin = "<!-- report: written by `./samovar bench report --docs` -->", End = "<!-- /report -->";

    /// <param name="root">Of the repository.</param>
    public static void Write(ReportDocument report, string root)
    {
        Put(Path.Combine(root, "docs", "benchmarks.md"), ReportText.Facts(report) + "\n" + TransportTable.Text(report.Cells)
            + "\n**Every published claim beside what was measured**\n\n" + ReportText.Claims(report)
            + "\n**Published times by the provider's replicas**\n\n" + ReplicaText.Of(report.Claims)
            + "\n**The least that can be sent**\n\n" + FloorTable.Text(report.Cells)
            + "\n**Where state lives**\n\n" + ReportText.Spectrum(report.Spectrum));
        Put(Path.Combine(root, "docs", "capacity.md"), ReportText.Facts(report) + "\n" + ReportText.Capacity(report.Capacity));
        if (PlotSvg.Of(report) is { } plot) File.WriteAllText(Path.Combine(root, "docs", "bytes.svg"), plot);
    }

    private static void Put(string path, string section) => File.WriteAllText(path, Replace(File.ReadAllText(path), section));

    /// <exception cref="InvalidOperationException">The page has no place for a run.</exception>
    public static string Replace(string page, string section)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin) throw new InvalidOperationException($"The page has no lines '{Begin}' and '{End}'.");
        return page[..(begin + Begin.Length)] + "\n\n" + section.TrimEnd('\n') + "\n\n" + page[end..];
    }
}
