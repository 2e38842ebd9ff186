using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Samovar.Server.Monitoring;

/// <summary>One metric with all its combinations of labels, bounded in number.</summary>
internal sealed class MetricFamily(Instrument instrument, int seriesMax)
{
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
    private static readonly double[] Amounts = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);

    public Instrument Instrument { get; } = instrument;
    public MetricKind Kind { get; } = KindOf(instrument);
    public double[]? Bounds { get; } = KindOf(instrument) != MetricKind.Histogram ? null : instrument.Unit == "s" ? Seconds : Amounts;
    public IEnumerable<KeyValuePair<string, MetricSeries>> Series => _series.OrderBy(series => series.Key, StringComparer.Ordinal);

    public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Of(Labels(tags));
        if (Instrument.IsObservable) series.Set(value);
        else series.Add(value);
    }

    private MetricSeries Of(string labels)
    {
        if (_series.TryGetValue(labels, out var known)) return known;
        if (_series.Count >= seriesMax) labels = "overflow=\"true\"";
        return _series.GetOrAdd(labels, static (_, bounds) => new MetricSeries(bounds), Bounds);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(name.Replace('.', '_')).Append("=\"");
            var text = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
            labels.Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }
        return labels.ToString();
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal)
                ? MetricKind.Counter
            : MetricKind.Gauge;
    }
}

/// <summary>How a metric is read.</summary>
internal enum MetricKind { Counter, Gauge, Histogram }
