using System.Text;
using Samovar.Bench.Reports.Pages;

namespace Samovar.Bench.Reports;

/// <summary>The report as Markdown, for the terminal and for the documentation.</summary>
internal static class ReportText
{
    public static string Of(ReportDocument report) =>
        Facts(report) + "\n" + TransportTable.Text(report.Cells) + "\n### Claims\n\n" + Claims(report)
        + "\n### Times by the provider's replicas\n\n" + ReplicaText.Of(report.Claims) + "\n### The least that can be sent\n\n"
        + FloorTable.Text(report.Cells) + "\n### Where state lives\n\n"
        + Spectrum(report.Spectrum) + "\n### Capacity\n\n" + Capacity(report.Capacity);

    public static string Facts(ReportDocument report)
    {
        var facts = report.Facts;
        var rounds = report.Samples.GroupBy(sample => (sample.Cell, sample.Round)).Count();
        var gibibytes = Figures.Show(facts.MemoryBytes / (double)(1L << 30));
        string[] lines =
        [
            $"Made by `{facts.Command}` on {facts.StartedAt:yyyy-MM-dd}: {report.Cells.Count} kinds of work, {rounds} rounds, "
                + $"{report.Samples.Count} turns.",
            $"Samovar {facts.Version}, {facts.Runtime}, {facts.System}; {facts.Processor}, {facts.Cores} cores, {gibibytes} GiB.",
            $"Links: {facts.LinkMethod ?? "userspace where one is named"}. Model of the engine: {facts.Model ?? "none ran"}"
                + (facts.Library is { } library ? $", libllama {library}." : "."),
            "Figures are medians of rounds (least–most); a dash is a figure without a spread or one that was not measured.",
        ];
        return string.Join('\n', lines) + "\n";
    }

    public static string Claims(ReportDocument report)
    {
        var table = new MarkdownTable("said", "by", "conditions", "measured here", "verdict", "why");
        foreach (var result in report.Claims)
        {
            var claim = result.Claim;
            table.Add(claim.Said, claim.Source, claim.Conditions + (claim.Provider is { } provider ? $"; {provider}" : ""),
                result.Measured is { } measured ? $"{measured.Text(1)} {claim.Unit} ({claim.Transport}"
                    + (claim.Against is { } other ? $" against {other}" : "") + $", {claim.Backend}, {claim.Link}, n = {measured.Count})"
                    : Spread.None,
                result.State == Reports.Claims.ClaimState.Held ? result.Verdict : $"**{result.Verdict}**", result.Reason);
        }
        return table.ToString();
    }

    public static string Spectrum(Spectrum spectrum)
    {
        static string Both(SpectrumCell cell) => $"{cell.Published}: {cell.Measured}";
        var table = new MarkdownTable("approach", "state lives", "durability", "latency", "bandwidth");
        foreach (var row in spectrum.Rows)
            table.Add(row.Approach, Both(row.State), Both(row.Durability), Both(row.Latency), Both(row.Bandwidth));
        return spectrum.Conditions + "\n\n" + table;
    }

    public static string Capacity(Capacity capacity)
    {
        var (inputs, needs) = (new MarkdownTable("input", "value", "from"), new MarkdownTable("needed", "value"));
        foreach (var input in capacity.Inputs)
            inputs.Add(input.Name, input.Spread is { } spread ? $"{spread.Text(1)} {input.Unit}".Trim()
                : input.Value is { } value ? $"{value:#,0.##} {input.Unit}".Trim() : Spread.None, input.Source);
        foreach (var (name, value, unit) in Needs(capacity.Needs))
            needs.Add(name, value is { } number ? $"{number:#,0.##} {unit}".Trim() : Spread.None);
        return $"{inputs}\n{needs}";
    }

    private static IEnumerable<(string Name, double? Value, string Unit)> Needs(CapacityNeeds needs) =>
    [
        ("turns", needs.TurnsPerSecond, "/s"), ("nodes by processor", needs.NodesByProcessor, ""),
        ("nodes by memory", needs.NodesByMemory, ""), ("nodes by network", needs.NodesByNetwork, ""), ("nodes", needs.Nodes, ""),
        ("sessions a node", needs.SessionsPerNode, ""), ("ingress, what is new", needs.IngressGbits, "Gbit/s"),
        ("ingress, whole histories", needs.IngressWholeGbits, "Gbit/s"), ("KV state kept hot", needs.KvTerabytes, "TB"),
        ("accelerators for it", needs.Accelerators, ""), ("stored a day", needs.StoredGigabytesPerDay, "GB"),
    ];
}
