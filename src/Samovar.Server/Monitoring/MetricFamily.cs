using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Samovar.Escaping;

namespace Samovar.Server.Monitoring;

/// <summary>One metric with all its combinations of labels, bounded in number.</summary>
internal sealed class MetricFamily
{
    /// <summary>For a histogram that brings no bounds of its own: those of every OpenTelemetry exporter.</summary>
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);

    // The same series by their labels as they come: a measurement that was made before writes no text.
    private readonly ConcurrentDictionary<LabelSet, MetricSeries> _known = new(LabelSet.Comparer);
    private readonly ConcurrentDictionary<LabelSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byLabels;
    private readonly int _seriesMax;
    private int _knownCount;

    public MetricFamily(Instrument instrument, int seriesMax)
    {
        (Instrument, Kind, Bounds, _seriesMax) = (instrument, MetricKinds.Of(instrument), BoundsOf(instrument), seriesMax);
        _byLabels = _known.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public Instrument Instrument { get; }
    public MetricKind Kind { get; }
    public double[]? Bounds { get; }
    public IEnumerable<KeyValuePair<string, MetricSeries>> Series => _series.OrderBy(series => series.Key, StringComparer.Ordinal);

    /// <summary>What is only looked at has no past: a series that nobody reports any more is gone.</summary>
    public void BeginLook()
    {
        if (!Instrument.IsObservable) return;
        _series.Clear();
        _known.Clear();
        _knownCount = 0;
    }

    public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_byLabels.TryGetValue(tags, out var series)) series = Remember(tags);
        if (Instrument.IsObservable) series.Set(value);
        else series.Add(value);
    }

    private MetricSeries Remember(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Of(Labels(tags));
        if (Volatile.Read(ref _knownCount) < _seriesMax && _known.TryAdd(new LabelSet(tags.ToArray()), series))
            Interlocked.Increment(ref _knownCount);
        return series;
    }

    private MetricSeries Of(string labels)
    {
        if (_series.TryGetValue(labels, out var known)) return known;
        if (_series.Count >= _seriesMax) labels = "overflow=\"true\"";
        return _series.GetOrAdd(labels, static (_, bounds) => new MetricSeries(bounds), Bounds);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(PrometheusName.OfLabel(name)).Append("=\"");
            var text = ForeignText.OneLine(Convert.ToString(value, CultureInfo.InvariantCulture));
            labels.Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))
                .Append('"');
        }
        return labels.ToString();
    }

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => MetricKinds.Of(instrument) == MetricKind.Histogram ? DefaultBounds : null,
    };
}
