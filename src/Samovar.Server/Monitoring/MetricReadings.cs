using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Samovar.Server.Monitoring;

/// <summary>Listens to Samovar's own meters and to the runtime's, and writes what they measure in Prometheus' text format.</summary>
internal sealed class MetricReadings : IDisposable
{
    private const string OwnMeters = "Samovar.";
    private const string RuntimeMeter = "System.Runtime";
    private readonly Lock _looking = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = [];
    private readonly MeterListener _listener = new();

    /// <param name="scope">Whose meters: the factory that made them. A process may hold several servers.</param>
    public MetricReadings(MonitoringOptions options, object? scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!IsWanted(instrument.Meter, scope)) return;
            _families.TryAdd(instrument, new MetricFamily(instrument, options.SeriesMax));
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.Start();
    }

    public string Text()
    {
        var text = new StringBuilder();
        lock (_looking)
        {
            foreach (var family in _families.Values) family.BeginLook();
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values.OrderBy(family => family.Instrument.Name, StringComparer.Ordinal)) Write(text, family);
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static bool IsWanted(Meter meter, object? scope) =>
        meter.Name == RuntimeMeter || (meter.Name.StartsWith(OwnMeters, StringComparison.Ordinal) && ReferenceEquals(meter.Scope, scope));

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_families.TryGetValue(instrument, out var family)) family.Measure(value, tags);
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        var name = PrometheusName.Of(family.Instrument);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Instrument.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {TypeOf(family.Kind)}\n");
        foreach (var (labels, series) in family.Series)
        {
            if (family.Bounds is { } bounds) WriteHistogram(text, name, labels, series, bounds);
            else WriteLine(text, name, labels, series.Read().Sum);
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricSeries series, double[] bounds)
    {
        var (sum, count, buckets) = series.Read();
        var (total, comma) = (0L, labels.Length > 0 ? "," : "");
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            total += buckets[bucket];
            var bound = bucket < bounds.Length ? bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            WriteLine(text, name + "_bucket", $"{labels}{comma}le=\"{bound}\"", total);
        }
        WriteLine(text, name + "_sum", labels, sum);
        WriteLine(text, name + "_count", labels, count);
    }

    private static void WriteLine(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length > 0 ? $"{{{labels}}}" : "").Append(' ')
            .Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };
}
