using System.Globalization;

namespace Samovar.Bench.Reports;

/// <summary>Order statistics of a handful of measurements.</summary>
internal static class Figures
{
    /// <summary>The value that the given share of the measurements does not exceed (nearest rank).</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    /// <summary>The median, and the least and the most where they differ; a dash where there are none.</summary>
    public static string ShowAll(IEnumerable<double> values, int digits = 0)
    {
        var all = values.Order().ToList();
        if (all.Count == 0) return "–";
        var (least, most) = (Show(all[0], digits), Show(all[^1], digits));
        return least == most ? least : $"{Show(Median(all), digits)} ({least}–{most})";
    }

    public static string Show(double value, int digits = 0) => value.ToString("N" + digits.ToString(CultureInfo.InvariantCulture),
        CultureInfo.InvariantCulture);
}

/// <summary>A Markdown table, written row by row as the measurements come.</summary>
internal sealed class Table
{
    public Table(params string[] columns)
    {
        Console.WriteLine("| " + string.Join(" | ", columns) + " |");
        Console.WriteLine("|" + string.Concat(columns.Select(_ => " --- |")));
    }

    public void Row(params string[] cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        Console.WriteLine("| " + string.Join(" | ", cells) + " |");
    }
}
