namespace Samovar.Bench.Reports;

/// <summary>A figure as it may be printed: the median of repetitions, the least and the most of them.</summary>
/// <param name="Count">Of the repetitions.</param>
internal sealed record Spread(double Median, double Least, double Most, int Count)
{
    /// <summary>What stands where nothing was measured, or too little to have a spread.</summary>
    public const string None = "–";

    /// <summary>One measurement alone says nothing about the next one.</summary>
    public const int CountMin = 2;

    /// <summary>Null where there is nothing to be said; unknown values are left out.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        var known = values.Where(value => value is { } number && double.IsFinite(number)).Select(value => value!.Value).ToList();
        return known.Count == 0 ? null : new Spread(Figures.Median(known), known.Min(), known.Max(), known.Count);
    }

    public static Spread? Of(IEnumerable<double> values) => Of(values.Select(value => (double?)value));

    public Spread Times(double factor) => new(Median * factor, Least * factor, Most * factor, Count);

    /// <summary><c>176 (170–181)</c>, <c>-80 (-82 to -79)</c>; the median alone where all were equal; a dash where there was one.</summary>
    public string Text(int digits = 0)
    {
        if (Count < CountMin) return None;
        var (median, least, most) = (Show(Median, digits), Show(Least, digits), Show(Most, digits));
        return least == most ? median : $"{median} ({least}{(Least < 0 ? " to " : "–")}{most})";
    }

    /// <summary>Without a minus before a zero.</summary>
    private static string Show(double value, int digits) => Figures.Show(Math.Round(value, digits) + 0.0, digits);

    public static string Text(Spread? spread, int digits = 0) => spread?.Text(digits) ?? None;
}
